// Which files are specs: every `*.kdl` at or below a folder with `leastwise.kdl`. Any other KDL file is somebody else's.
import { dirname, join } from 'node:path';

export function isOfProject(path: string, exists: (path: string) => boolean): boolean {
  if (!path.endsWith('.kdl')) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (exists(join(folder, 'leastwise.kdl'))) return true;
    if (folder === dirname(folder)) return false;
  }
}
