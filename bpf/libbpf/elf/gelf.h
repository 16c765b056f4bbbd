/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "libelf.h"

typedef Elf64_Ehdr GElf_Ehdr;
typedef Elf64_Shdr GElf_Shdr;
typedef Elf64_Phdr GElf_Phdr;
typedef Elf64_Sym GElf_Sym;
typedef Elf64_Nhdr GElf_Nhdr;

#define GELF_ST_TYPE(info) ELF64_ST_TYPE(info)
#define GELF_ST_BIND(info) ELF64_ST_BIND(info)

int gelf_getclass(Elf *elf);
GElf_Ehdr *gelf_getehdr(Elf *elf, GElf_Ehdr *out);
GElf_Shdr *gelf_getshdr(Elf_Scn *section, GElf_Shdr *out);
GElf_Phdr *gelf_getphdr(Elf *elf, int index, GElf_Phdr *out);
GElf_Sym *gelf_getsym(Elf_Data *data, int index, GElf_Sym *out);
size_t gelf_getnote(Elf_Data *data, size_t offset, GElf_Nhdr *out, size_t *name, size_t *desc);
