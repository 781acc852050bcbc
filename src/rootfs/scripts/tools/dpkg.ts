import { libraryAbi } from '../../derived/library-abi.ts';
import { DONE, FAILED, pathOf, type Result, type Tool, undone } from '../host.ts';
import { known } from '../value.ts';

const UNKNOWN: Result = { status: undefined };

function print(text: string): Result {
  return { status: 0, output: known(`${text}\n`) };
}

/** uname(1), as far as it does not ask for the running machine. */
export const uname: Tool = ({ args }) => (args.every((arg) => arg === '-s') ? print('Linux') : UNKNOWN);

/** Packages that every installation has, whether or not they are in the image. */
const ALWAYS = [
  'adduser',
  'base-passwd',
  'bash',
  'coreutils',
  'dash',
  'debconf',
  'debianutils',
  'dpkg',
  'grep',
];
const MORE = ['init-system-helpers', 'perl', 'perl-base', 'sed', 'tar', 'util-linux'];

/** dpkg-query(1) and dpkg(1) asked for a package that is not in the image: they find none. */
export const dpkgQuery: Tool = ({ args }, { packages }) => {
  const asks = args.some((arg) =>
    /^(?:-[WslL]|--(?:show|status|list|listfiles|control-path|control-show|control-list))$/.test(arg),
  );
  const names = args.filter((arg) => !arg.startsWith('-')).map((arg) => arg.replace(/:.*/s, ''));
  const asked = args.some((arg) => arg.startsWith('--control-')) ? names.slice(0, 1) : names;
  const isAbsent = (name: string): boolean =>
    /^[a-z0-9][a-z0-9+.-]+$/.test(name) &&
    !packages.has(name) &&
    !ALWAYS.includes(name) &&
    !MORE.includes(name);
  return asks && asked.length > 0 && asked.every(isAbsent) ? { status: 1, output: known('') } : UNKNOWN;
};

/** dpkg(1), as far as it answers questions about packages, the architecture and versions. */
export const dpkg: Tool = (call, host) => {
  const [action = '', ...rest] = call.args;
  const { architecture } = host;
  if (action === '--print-architecture') return print(architecture);
  if (action.startsWith('--assert-') || action.startsWith('--validate-')) return DONE;
  if (action !== '--compare-versions' || rest.length !== 3) return dpkgQuery(call, host);
  const [left = '', relation = '', right = ''] = rest;
  if (left === right) return /^(?:le|le-nl|eq|ge|ge-nl|<=|=|>=)$/.test(relation) ? DONE : FAILED;
  if (left !== '' && right !== '') return UNKNOWN;
  // dpkg(1): no version is earlier than any one, for the relations with -nl later.
  const isLess = (left === '') !== relation.endsWith('-nl');
  switch (relation.replace(/-nl$/, '')) {
    case 'lt':
    case 'le':
    case '<<':
    case '<=':
      return isLess ? DONE : FAILED;
    case 'gt':
    case 'ge':
    case '>>':
    case '>=':
      return isLess ? FAILED : DONE;
    case 'ne':
      return DONE;
    case 'eq':
    case '=':
      return FAILED;
    default:
      return UNKNOWN;
  }
};

/** `dpkg-architecture -qDEB_HOST_MULTIARCH` and its like (dpkg-architecture(1)) */
export const dpkgArchitecture: Tool = ({ args }, { architecture }) => {
  const [, variable] = /^-q\s?DEB_(?:HOST|BUILD|TARGET)_(ARCH|MULTIARCH)$/.exec(args.join(' ')) ?? [];
  const triplet = libraryAbi(architecture)?.triplet;
  if (variable === 'ARCH') return print(architecture);
  return variable === 'MULTIARCH' && triplet !== undefined ? print(triplet) : UNKNOWN;
};

/** dpkg-divert(1): a fresh image has no diversions; one of a file that is not there changes nothing. */
export const dpkgDivert: Tool = (call, { tree }) => {
  const action = call.args.find((arg) => /^--(?:add|remove|list|listpackage|truename)$/.test(arg)) ?? '--add';
  const path = pathOf(call.args.at(-1) ?? '', call);
  if (action === '--list' || action === '--listpackage') return { status: 0, output: known('') };
  if (action === '--truename') return print(call.args.at(-1) ?? '');
  if (action === '--remove' || path === undefined || call.args.includes('--no-rename')) return DONE;
  return tree.linkOrFile(path) ? undone('a packaged file would be moved') : DONE;
};

/** dpkg-trigger(1) */
export const dpkgTrigger: Tool = ({ args }, host) => {
  const [name, more] = args.filter((arg) => !arg.startsWith('-'));
  if (name === undefined || more !== undefined) return args.includes('--check-supported') ? DONE : undone();
  if (host.isCertain) host.triggers.add(name);
  else host.hasChanged = true;
  return DONE;
};

/** dpkg-maintscript-helper(1) */
export const dpkgMaintscriptHelper: Tool = () => DONE;
