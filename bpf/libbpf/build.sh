#!/bin/sh
# Builds the bundled libbpf from Debian's source package: libbpf's own files, with the small ELF reader in elf/ in place of
# libelf, so that it needs nothing but libc (glibc >= 2.28) and holds no LGPL-3 code. libbpf is LGPL-2.1 OR BSD-2-Clause;
# we take BSD-2-Clause, its text lies beside the result.
#   apt install gcc gcc-aarch64-linux-gnu; or give the unpacked sources: LIBBPF_SOURCE=folder sh bpf/libbpf/build.sh
set -eu
cd "$(dirname "$0")"
version=1.1.2
sha256=b50ab60637fb713db78aa98e6ca911ddf13c0799d498a1f6ec03ebffc7dca588
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "${LIBBPF_SOURCE:-}" ]; then
  # A private copy of apt's lists with the source packages switched on: the machine's own settings stay as they are.
  mkdir -p "$work/lists/partial" "$work/parts"
  for file in /etc/apt/sources.list.d/*.sources; do sed 's/^Types: deb$/Types: deb-src/' "$file"; echo; done >"$work/parts/src.sources"
  set -- -qq -o APT::Sandbox::User=root -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/parts" -o Dir::State::Lists="$work/lists"
  apt-get "$@" update
  (cd "$work" && apt-get "$@" source --download-only libbpf)
  archive=$work/libbpf_$version.orig.tar.gz
  echo "$sha256  $archive" | sha256sum -c --quiet
  tar -xf "$archive" -C "$work"
  LIBBPF_SOURCE=$work/libbpf-$version
fi

# Without linker.c: it writes ELF files, which nobody here does.
parts="bpf btf libbpf libbpf_errno netlink nlattr str_error libbpf_probes bpf_prog_linfo btf_dump hashmap ringbuf strset gen_loader relo_core usdt"
flags="-O2 -fPIC -fvisibility=hidden -std=gnu11 -ffile-prefix-map=$LIBBPF_SOURCE=libbpf -ffile-prefix-map=$here=. -Ielf -I$LIBBPF_SOURCE/include -I$LIBBPF_SOURCE/include/uapi -I$LIBBPF_SOURCE/src"
for row in x64:gcc arm64:aarch64-linux-gnu-gcc; do
  compiler=${row#*:}
  [ "${row%:*}" != x64 ] || [ "$(uname -m)" = x86_64 ] || compiler=x86_64-linux-gnu-gcc
  command -v "$compiler" >/dev/null || { echo "libbpf/build.sh: $compiler is missing. Try: apt install gcc gcc-aarch64-linux-gnu" >&2; exit 1; }
  objects=$work/${row%:*}
  mkdir -p "$objects"
  for part in $parts; do
    "$compiler" $flags -w -c "$LIBBPF_SOURCE/src/$part.c" -o "$objects/$part.o"
  done
  "$compiler" $flags -Wall -Wextra -c elf/elf.c -o "$objects/elf.o"
  folder=../prebuilt/linux-${row%:*}
  mkdir -p "$folder"
  # Symbols of libbpf.h are visible by its own LIBBPF_API mark; -z defs: nothing is left to be found at run time.
  (cd "$objects" && "$compiler" -shared -s -Wl,-soname,libbpf.so.1 -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,--build-id=none -o "$here/$folder/libbpf.so" $(for p in $parts elf; do echo "$p.o"; done))
done
cp "$LIBBPF_SOURCE/LICENSE.BSD-2-Clause" ../prebuilt/LICENSE.libbpf
