/** The executable files that a process has mapped: `/proc/PID/maps`, proc(5). */
export interface MappedFile {
  /** As the process sees it, without " (deleted)". */
  readonly path: string;
  readonly deleted: boolean;
  /** `major:minor` in hex and inode number: tells two files at one path apart. */
  readonly device: string;
  readonly inode: number;
  /** Address ranges of the executable mappings, as `map_files` names them: `start-end`. */
  readonly ranges: readonly string[];
}

const LINE = /^([0-9a-f]+-[0-9a-f]+) (....) [0-9a-f]+ ([0-9a-f]+:[0-9a-f]+) (\d+)\s+(\/.*)$/;

/** Files with at least one executable mapping, in the order of their addresses. Lines that say nothing of files are left out. */
export function parseMaps(text: string): MappedFile[] {
  const files = new Map<string, MappedFile & { ranges: string[] }>();
  for (const line of text.split('\n')) {
    const [, range = '', mode = '', device = '', inode = '', name = ''] = LINE.exec(line) ?? [];
    if (!mode.includes('x')) continue;
    const deleted = name.endsWith(' (deleted)');
    const path = unescapeMapsPath(deleted ? name.slice(0, -' (deleted)'.length) : name);
    const key = `${device} ${inode} ${path}`;
    const known = files.get(key);
    if (known) known.ranges.push(range);
    else files.set(key, { path, deleted, device, inode: Number(inode), ranges: [range] });
  }
  return [...files.values()];
}

/** The kernel writes a newline in a name as \012; everything else is as it is. */
function unescapeMapsPath(path: string): string {
  return path.replaceAll('\\012', '\n');
}
