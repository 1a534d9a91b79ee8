#!/bin/sh
# build.sh TREE [FLAG ...]
tree=$1
shift
exec cc consumer.c -o consumer -I"$tree/include" -L"$tree/lib" -loarlock "$@"
