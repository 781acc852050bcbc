import type { InspectSummary } from '../../inspect/index.ts';
import type { PageTable } from '../../page/index.ts';
import { missingLibraries } from './missing-libraries.ts';

/** What is worth a table of its own on the page. Paths there have no slash at their start. */
export function pageTables(report: InspectSummary): PageTable[] {
  return [
    {
      id: 'wasted-files',
      title: 'Wasted',
      description: 'Copies that no container sees: what a higher layer replaces or removes.',
      empty: 'Nothing is wasted.',
      columns: [
        { title: 'Path', kind: 'code' },
        { title: 'Size', kind: 'size' },
        { title: 'Copies', kind: 'number' },
        { title: 'Why' },
      ],
      rows: report.efficiency.wasted.map(({ path, bytes, copies, removed }) => [
        plain(path),
        bytes,
        copies,
        removed ? 'removed' : 'replaced',
      ]),
    },
    {
      id: 'duplicates',
      title: 'Duplicates',
      description: 'Files with the same content that are no hard links of each other.',
      empty: 'No content is there twice.',
      columns: [
        { title: 'Saves', kind: 'size' },
        { title: 'Copies', kind: 'number' },
        { title: 'One of them', kind: 'path' },
        { title: 'Another', kind: 'path' },
      ],
      rows: report.duplicates.groups.map(({ size, paths }) => [
        size * (paths.length - 1),
        paths.length,
        plain(paths[0] ?? ''),
        plain(paths[1] ?? ''),
      ]),
    },
    {
      id: 'tools',
      title: 'Tools',
      description:
        'Shells, package managers and other programs that attackers like, recognised by their content.',
      empty: 'None was found.',
      columns: [{ title: 'Path', kind: 'path' }, { title: 'Kind' }, { title: 'Tool' }],
      rows: report.tools.map(({ path, category, tool }) => [plain(path), category, tool]),
    },
    {
      id: 'privileges',
      title: 'Privileges',
      description: 'Files that run with the rights of others: setuid, setgid and file capabilities.',
      empty: 'There are none.',
      columns: [
        { title: 'Path', kind: 'path' },
        { title: 'What', kind: 'code' },
      ],
      rows: [
        ...report.setuid.map(({ path, mode, uid, gid }) => [plain(path), `${mode} of ${uid}:${gid}`]),
        ...report.capabilities.map(({ path, capabilities }) => [plain(path), capabilities]),
      ],
    },
    {
      id: 'users',
      title: 'Users',
      empty: 'There is no /etc/passwd.',
      columns: [
        { title: 'Name' },
        { title: 'UID', kind: 'number' },
        { title: 'GID', kind: 'number' },
        { title: 'Home', kind: 'code' },
        { title: 'Shell', kind: 'code' },
        { title: 'Password' },
      ],
      rows: report.users.map(({ name, uid, gid, home, shell, password }) => [
        name,
        uid,
        gid,
        home,
        shell,
        password,
      ]),
    },
    {
      id: 'secrets',
      title: 'Secrets',
      description: 'Private keys and tokens in any layer; what a higher layer removes is still in the image.',
      empty: 'None was found.',
      columns: [
        { title: 'Path', kind: 'code' },
        { title: 'Type' },
        { title: 'Layer', kind: 'number' },
        { title: 'Line', kind: 'number' },
        { title: 'What', kind: 'code' },
      ],
      rows: report.secrets.map(({ path, type, layer, line, hint }) => [
        plain(path),
        type,
        layer + 1,
        line,
        hint,
      ]),
    },
    {
      id: 'certificates',
      title: 'Certificates',
      empty: 'There are none.',
      columns: [{ title: 'Path', kind: 'path' }, { title: 'Subject' }, { title: 'Until' }],
      rows: report.certificates.map(({ path, subject, notAfter }) => [plain(path), subject, notAfter]),
    },
    {
      id: 'programs',
      title: 'Programs',
      description: 'ELF files, with what the loader would not find.',
      empty: 'There are none.',
      columns: [
        { title: 'Path', kind: 'path' },
        { title: 'Kind' },
        { title: 'Platform' },
        { title: 'Hardening' },
        { title: 'Missing', kind: 'code' },
      ],
      rows: report.programs.map((program) => [
        plain(program.path),
        program.kind,
        program.platform ?? '',
        hardeningOf(program),
        missingLibraries(program).join(' '),
      ]),
    },
  ];
}

function plain(path: string): string {
  return path.slice(1);
}

function hardeningOf({ hardening }: InspectSummary['programs'][number]): string {
  const parts = [
    `RELRO ${hardening.relro}`,
    hardening.nx ? 'NX' : 'no NX',
    hardening.pie === undefined ? '' : hardening.pie ? 'PIE' : 'no PIE',
    hardening.stackProtector ? 'stack protector' : '',
    hardening.fortify ? 'FORTIFY' : '',
    hardening.rpath ? 'RPATH' : '',
    hardening.runpath ? 'RUNPATH' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
