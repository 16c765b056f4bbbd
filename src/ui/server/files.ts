/** The page's own files: three, read once. What is not among them does not exist, whatever its path looks like. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
}

const FILES: readonly (readonly [address: string, name: string, type: string])[] = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/page.css', 'page.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
];

/** By address. @throws where the package was built without its page */
export function readPage(folder: string): ReadonlyMap<string, PageFile> {
  return new Map(
    FILES.map(([address, name, type]) => [address, { bytes: readFileSync(path.join(folder, name)), type }]),
  );
}
