// SPDX-License-Identifier: Apache-2.0
/* A read-only libelf for libbpf. Nothing outside the image is ever pointed to, whatever its headers say. */
#include "gelf.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct Elf_Scn {
	Elf *elf;
	size_t index;
	Elf64_Shdr header;
	Elf_Data data;
};

struct Elf {
	char *image;
	size_t size;
	int owned;
	Elf64_Ehdr header;
	size_t count;
	struct Elf_Scn *sections;
};

static int inside(const Elf *elf, size_t offset, size_t length)
{
	return offset <= elf->size && length <= elf->size - offset;
}

unsigned elf_version(unsigned version) { return version == EV_CURRENT ? EV_CURRENT : EV_NONE; }
const char *elf_errmsg(int error) { return (void)error, "not a usable ELF file"; }

static Elf *open_image(char *image, size_t size, int owned)
{
	Elf *elf = calloc(1, sizeof(*elf));

	if (!elf)
		goto fail;
	elf->image = image;
	elf->size = size;
	elf->owned = owned;
	if (size < sizeof(Elf64_Ehdr))
		goto fail;
	memcpy(&elf->header, image, sizeof(elf->header));
	if (memcmp(elf->header.e_ident, ELFMAG, SELFMAG) || elf->header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    elf->header.e_shentsize != sizeof(Elf64_Shdr))
		goto fail;
	elf->count = elf->header.e_shnum;
	if (!inside(elf, elf->header.e_shoff, elf->count * sizeof(Elf64_Shdr)))
		goto fail;
	elf->sections = calloc(elf->count ? elf->count : 1, sizeof(*elf->sections));
	if (!elf->sections)
		goto fail;
	for (size_t i = 0; i < elf->count; i++) {
		struct Elf_Scn *section = &elf->sections[i];
		Elf64_Shdr *header = &section->header;

		section->elf = elf;
		section->index = i;
		memcpy(header, image + elf->header.e_shoff + i * sizeof(*header), sizeof(*header));
		if (header->sh_type == SHT_NOBITS) {
			/* Zeroes that the file does not hold: the size is known, the bytes are not there. */
			section->data.d_size = header->sh_size;
		} else if (inside(elf, header->sh_offset, header->sh_size)) {
			section->data.d_buf = image + header->sh_offset;
			section->data.d_size = header->sh_size;
		} else {
			goto fail;
		}
		section->data.d_align = header->sh_addralign;
	}
	return elf;
fail:
	if (elf)
		free(elf->sections);
	if (owned)
		free(image);
	free(elf);
	return NULL;
}

Elf *elf_memory(char *image, size_t size) { return image ? open_image(image, size, 0) : NULL; }

Elf *elf_begin(int fd, Elf_Cmd command, Elf *ref)
{
	off_t size = lseek(fd, 0, SEEK_END); /* not fstat: its symbol would ask for glibc 2.33 */
	char *image;
	size_t done = 0;

	(void)command, (void)ref;
	if (size <= 0 || !(image = malloc(size)))
		return NULL;
	while (done < (size_t)size) {
		ssize_t n = pread(fd, image + done, size - done, done);

		if (n <= 0) {
			free(image);
			return NULL;
		}
		done += n;
	}
	return open_image(image, done, 1);
}

int elf_end(Elf *elf)
{
	if (!elf)
		return 0;
	if (elf->owned)
		free(elf->image);
	free(elf->sections);
	free(elf);
	return 0;
}

Elf_Kind elf_kind(Elf *elf) { return elf ? ELF_K_ELF : ELF_K_NONE; }
Elf64_Ehdr *elf64_getehdr(Elf *elf) { return elf ? &elf->header : NULL; }
int elf_getshdrnum(Elf *elf, size_t *out) { return elf ? (*out = elf->count, 0) : -1; }
int elf_getshdrstrndx(Elf *elf, size_t *out) { return elf ? (*out = elf->header.e_shstrndx, 0) : -1; }
int elf_getphdrnum(Elf *elf, size_t *out) { return elf ? (*out = elf->header.e_phnum, 0) : -1; }
Elf_Scn *elf_getscn(Elf *elf, size_t index) { return elf && index < elf->count ? &elf->sections[index] : NULL; }
Elf_Scn *elf_nextscn(Elf *elf, Elf_Scn *section) { return elf_getscn(elf, section ? section->index + 1 : 1); }
size_t elf_ndxscn(Elf_Scn *section) { return section ? section->index : SHN_UNDEF; }
Elf64_Shdr *elf64_getshdr(Elf_Scn *section) { return section ? &section->header : NULL; }
Elf_Data *elf_getdata(Elf_Scn *section, Elf_Data *data) { return section && !data ? &section->data : NULL; }
Elf_Data *elf_rawdata(Elf_Scn *section, Elf_Data *data) { return elf_getdata(section, data); }

/* Only a string that ends inside its section. */
char *elf_strptr(Elf *elf, size_t index, size_t offset)
{
	Elf_Scn *section = elf_getscn(elf, index);

	if (!section || !section->data.d_buf || offset >= section->data.d_size)
		return NULL;
	char *text = (char *)section->data.d_buf + offset;

	return memchr(text, 0, section->data.d_size - offset) ? text : NULL;
}

int gelf_getclass(Elf *elf) { return elf ? ELFCLASS64 : ELFCLASSNONE; }
GElf_Ehdr *gelf_getehdr(Elf *elf, GElf_Ehdr *out) { return elf ? (*out = elf->header, out) : NULL; }
GElf_Shdr *gelf_getshdr(Elf_Scn *section, GElf_Shdr *out) { return section ? (*out = section->header, out) : NULL; }

GElf_Phdr *gelf_getphdr(Elf *elf, int index, GElf_Phdr *out)
{
	if (!elf || index < 0 || index >= elf->header.e_phnum ||
	    !inside(elf, elf->header.e_phoff, (size_t)elf->header.e_phnum * sizeof(*out)))
		return NULL;
	memcpy(out, elf->image + elf->header.e_phoff + index * sizeof(*out), sizeof(*out));
	return out;
}

GElf_Sym *gelf_getsym(Elf_Data *data, int index, GElf_Sym *out)
{
	if (!data || !data->d_buf || index < 0 || (size_t)index >= data->d_size / sizeof(*out))
		return NULL;
	memcpy(out, (char *)data->d_buf + index * sizeof(*out), sizeof(*out));
	return out;
}

/* Notes carry USDT places, which we do not use. */
size_t gelf_getnote(Elf_Data *data, size_t offset, GElf_Nhdr *out, size_t *name, size_t *desc)
{
	return (void)data, (void)offset, (void)out, (void)name, (void)desc, 0;
}
