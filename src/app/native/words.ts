import { printable } from '../../core/index.ts';
import type { ElfInfo, GoBuild } from '../../rootfs/index.ts';
import { describe } from '../common/labels.ts';
import type { FoundProgram } from './find-programs.ts';
import type { Program } from './program.ts';

/** `Go 1.26 program (static)`, `C++ program`. */
export function titleOf({ language, linkage, go }: Program): string {
  const version = /^go(\d+\.\d+)/.exec(go?.version ?? '')?.[1];
  const name = [language ?? 'ELF', ...(version === undefined ? [] : [version]), 'program'].join(' ');
  return linkage.startsWith('static') ? `${name} (${linkage})` : name;
}

/** What showed that it is that, a line each. */
export function evidenceOf({ path, elf, platform }: FoundProgram, program: Program): string[] {
  const { linkage, compilers, go, crate } = program;
  const isStatic = linkage.startsWith('static');
  const loader = elf.interpreter === undefined ? '' : `, its loader is ${elf.interpreter}`;
  const revision = go?.settings.get('vcs.revision');
  const time = go?.settings.get('vcs.time');
  const lines = [
    `${path}: ELF program for ${platform ?? 'an unknown platform'}, ${isStatic ? linkage : `linked dynamically${linkage.endsWith('PIE') ? ' (PIE)' : ''}`}${loader}`,
    ...(elf.needed.length === 0 ? [] : [`${path}: needs ${elf.needed.join(', ')}`]),
    ...(go ? [`${path}: built by ${go.version}${moduleWords(go)}`] : []),
    ...(revision === undefined
      ? []
      : [`${path}: of revision ${revision}${time === undefined ? '' : ` of ${time}`}`]),
    ...(crate ? [`${path}: crate ${crate.name} ${crate.version} (cargo-auditable)`] : []),
    ...(go || compilers.length === 0 ? [] : [`${path}: made by ${compilers.join('; ')}`]),
    ...(program.certificates === undefined ? [] : [`certificates, because ${path} ${program.certificates}`]),
    ...(program.timeZones === undefined ? [] : [`time zones, because ${path} ${program.timeZones}`]),
  ];
  return lines.map(printable);
}

/** What the user should know, though it does not keep the program from running. */
export function notesOf({ path, elf }: FoundProgram, program: Program): string[] {
  const { go, libraries } = program;
  const level = elf.isaLevel ?? 0;
  const folders = [elf.runpath ?? elf.rpath ?? ''].flatMap((text) => text.split(':'));
  const absent = folders.filter((folder) => /^\/(?!usr\/|lib|app(?:\/|$))/.test(folder));
  const notes = [
    ...(go?.settings.get('vcs.modified') === 'true'
      ? [`${path} was built from changed files: its revision alone does not tell what is in it`]
      : []),
    ...(needsOnlyGlibc(elf, program)
      ? [
          `${path} needs glibc only to look up names and users: with \`CGO_ENABLED=0\` it is static, and the image smaller`,
        ]
      : []),
    ...(level > 0 ? [`${path} needs a processor with x86-64-v${level + 1}`] : []),
    ...absent.map((folder) => `${path} looks for libraries in ${folder}, which the image does not have`),
    ...(libraries.length === 0
      ? []
      : [
          `${path} holds the names ${libraries.join(', ')}: if it opens one of them (dlopen), add the package that has it`,
        ]),
  ];
  return notes.map(printable);
}

/** A program of Go that needs nothing but glibc, which Go's own packages ask for as long as cgo is on. */
function needsOnlyGlibc({ needed }: ElfInfo, { go }: Program): boolean {
  const isGlibc = (name: string): boolean => /^lib(c|resolv|pthread|dl)\.so\.\d$|^ld-linux/.test(name);
  return go !== undefined && needed.length > 0 && needed.every(isGlibc);
}

/** Labels and annotations that Go's build information gives (OCI image-spec 1.1, annotations.md). */
export function labelsOf({ go, crate }: Program): Record<string, string> {
  const version = crate?.version ?? go?.module?.version;
  const revision = go?.settings.get('vcs.revision');
  const source = go?.module && sourceOf(go.module.path);
  return {
    ...describe({ version: version === '(devel)' ? undefined : version, source }),
    ...(revision === undefined ? {} : { 'org.opencontainers.image.revision': printable(revision) }),
  };
}

/** The address of a module's repository, where its path is the usual one of a forge. */
function sourceOf(module: string): string | undefined {
  const [path] =
    /^(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitea\.com)\/[\w.-]+\/[\w.-]+(?=\/|$)|^git\.sr\.ht\/~[\w.-]+\/[\w.-]+(?=\/|$)/.exec(
      module,
    ) ?? [];
  // GitLab's groups may be nested: of a longer path nobody knows where the repository's name ends.
  const isNested = module.startsWith('gitlab.com/') && module.replace(/\/v\d+$/, '') !== path;
  return path === undefined || isNested ? undefined : `https://${path}`;
}

function moduleWords({ module }: GoBuild): string {
  if (!module) return '';
  return ` from ${module.path}${module.version === '' ? '' : ` ${module.version}`}`;
}
