#!/bin/sh
# Builds what bpf/prebuilt holds, the same bytes on every machine with the same tools:
#   sh bpf/build.sh            the BPF objects   (apt install clang llvm libbpf-dev)
#   sh bpf/build.sh libbpf     libbpf as well    (apt install gcc gcc-aarch64-linux-gnu; see libbpf/build.sh)
set -eu
cd "$(dirname "$0")"
export LC_ALL=C

for tool in clang llvm-strip sha256sum; do
  command -v "$tool" >/dev/null || { echo "build.sh: $tool is missing. Try: apt install clang llvm libbpf-dev" >&2; exit 1; }
done
[ -e /usr/include/bpf/bpf_helpers.h ] || { echo "build.sh: libbpf's headers are missing. Try: apt install libbpf-dev" >&2; exit 1; }

flags="-O2 -g -Wall -Werror -mcpu=v3 -target bpf -ffile-prefix-map=$PWD=. -fdebug-compilation-dir=."
for row in x64:x86 arm64:arm64; do
  folder=prebuilt/linux-${row%:*}
  mkdir -p "$folder"
  # -I: nothing of the machine's architecture is used, only libbpf's headers
  clang $flags -D__TARGET_ARCH_"${row#*:}" -c tls.bpf.c -o "$folder/tls.bpf.o"
  llvm-strip -g "$folder/tls.bpf.o" # DWARF goes, BTF stays
done
[ "${1:-}" != libbpf ] || sh libbpf/build.sh

source_hash() { cat "$@" | sha256sum | cut -d' ' -f1; }
{
  echo '{'
  echo "  \"sources\": \"$(source_hash $(ls *.c *.h))\","
  echo "  \"libbpfSources\": \"$(source_hash $(ls libbpf/build.sh libbpf/elf/*))\","
  echo "  \"compiler\": \"$(clang --version | head -1)\","
  echo "  \"flags\": \"$(echo "$flags" | sed "s#$PWD#<bpf>#")\","
  echo '  "files": {'
  first=1
  for file in $(ls prebuilt/linux-*/tls.bpf.o prebuilt/linux-*/libbpf.so | sort); do
    [ $first = 1 ] || echo ','
    first=0
    printf '    "%s": "%s"' "${file#prebuilt/}" "$(sha256sum "$file" | cut -d' ' -f1)"
  done
  printf '\n  }\n}\n'
} >prebuilt/manifest.json
