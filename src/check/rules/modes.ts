import { readCapabilities } from '../../inspect/index.ts';
import { filesOf, modeOf } from '../files.ts';
import type { Rule } from '../model.ts';

const SETUID = 0o4000;
const SETGID = 0o2000;
const STICKY = 0o1000;
const GROUP_EXECUTE = 0o010;
const OTHERS_WRITE = 0o002;
export const MODE_RULES: readonly Rule[] = [
  {
    id: 'setuid-file',
    severity: 'warning',
    title: 'A program runs with the rights of its owner',
    why: 'A setuid or setgid program gives its rights to whoever starts it. Faults in such programs are how users become root.',
    mend: 'Leave the program out or take the bit away (`mode: "0755"`). Run containers with `no-new-privileges`, which ignores it.',
    *find({ view: { tree } }) {
      for (const id of filesOf(tree)) {
        if (tree.type(id) !== 'file') continue;
        const mode = modeOf(tree, id);
        if (!(mode & (SETUID | SETGID))) continue;
        const { uid, gid } = tree.file(id);
        const rights = [
          ...(mode & SETUID ? [`user ${uid}`] : []),
          ...(mode & SETGID && mode & GROUP_EXECUTE ? [`group ${gid}`] : []),
        ];
        if (rights.length > 0)
          yield {
            message: `it runs as ${rights.join(' and ')} (mode ${octal(mode)})`,
            path: tree.path(id),
            layer: tree.layer(id),
          };
      }
    },
  },
  {
    id: 'file-capabilities',
    severity: 'warning',
    title: 'A program gives capabilities to whoever starts it',
    why: 'File capabilities are setuid in parts: `cap_sys_admin` is nearly root. An engine that drops them does not start the program at all.',
    mend: 'Leave the program out, copy it without its extended attributes, or let the engine give the capability to the container.',
    *find({ view: { tree } }) {
      for (const id of filesOf(tree)) {
        const at = tree.entryNumber(id);
        const xattrs =
          at === undefined ? undefined : tree.layers[tree.layer(id)]?.entries.columns.xattrs.get(at);
        const value = xattrs?.['security.capability'];
        if (value && value.length > 0)
          yield {
            message: `it has ${readCapabilities(value)?.text ?? 'capabilities that cannot be read'}`,
            path: tree.path(id),
            layer: tree.layer(id),
          };
      }
    },
  },
  {
    id: 'world-writable',
    severity: 'warning',
    title: 'Everybody may change a file',
    why: 'Any process of the container, whatever its user, may change the file, or put others into the folder and remove those that are there.',
    mend: 'Take the right away (`chmod o-w`), or give the file to the one user that writes it. A folder for everybody needs the sticky bit, as /tmp has it: mode 1777.',
    *find({ view: { tree } }) {
      for (const id of filesOf(tree)) {
        const type = tree.type(id);
        if (type !== 'file' && type !== 'directory') continue;
        const mode = modeOf(tree, id);
        if (!(mode & OTHERS_WRITE) || (type === 'directory' && mode & STICKY)) continue;
        const what = type === 'file' ? 'a file' : 'a folder without the sticky bit';
        yield { message: `${what} of mode ${octal(mode)}`, path: tree.path(id), layer: tree.layer(id) };
      }
    },
  },
];

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
