module github.com/oarlock/oarlock/go

go 1.24
