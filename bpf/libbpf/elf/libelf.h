/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of the libelf interface that libbpf uses to read a BPF object: 64-bit, this machine's byte order, read only.
 * Ours, so that the bundled library carries no LGPL-3 code and every offset in the file is checked (elf.c).
 */
#pragma once
#include <elf.h>
#include <stddef.h>

typedef enum { ELF_C_NULL, ELF_C_READ, ELF_C_READ_MMAP } Elf_Cmd;
typedef enum { ELF_K_NONE, ELF_K_ELF = 3 } Elf_Kind;
typedef enum { ELF_T_BYTE } Elf_Type;

typedef struct Elf Elf;
typedef struct Elf_Scn Elf_Scn;
typedef struct {
	void *d_buf;
	Elf_Type d_type;
	unsigned d_version;
	size_t d_size;
	long d_off;
	size_t d_align;
} Elf_Data;

unsigned elf_version(unsigned version);
const char *elf_errmsg(int error);
Elf *elf_memory(char *image, size_t size);
Elf *elf_begin(int fd, Elf_Cmd command, Elf *ref);
int elf_end(Elf *elf);
Elf_Kind elf_kind(Elf *elf);
Elf64_Ehdr *elf64_getehdr(Elf *elf);
int elf_getshdrnum(Elf *elf, size_t *out);
int elf_getshdrstrndx(Elf *elf, size_t *out);
int elf_getphdrnum(Elf *elf, size_t *out);
Elf_Scn *elf_getscn(Elf *elf, size_t index);
Elf_Scn *elf_nextscn(Elf *elf, Elf_Scn *section);
size_t elf_ndxscn(Elf_Scn *section);
Elf64_Shdr *elf64_getshdr(Elf_Scn *section);
Elf_Data *elf_getdata(Elf_Scn *section, Elf_Data *data);
Elf_Data *elf_rawdata(Elf_Scn *section, Elf_Data *data);
char *elf_strptr(Elf *elf, size_t section, size_t offset);
