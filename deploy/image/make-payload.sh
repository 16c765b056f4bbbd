#!/bin/sh -e
# make-payload.sh DIST TO: what a pod gets beside its program, the hooks of Python and Node.
mkdir -p "$2"
cp -r "$1/bootstrap/python" "$2/python"
cp -r "$1/bootstrap/node" "$2/node"
find "$2" -name __pycache__ -prune -exec rm -r {} +
