module example.org/zlib

go 1.19
