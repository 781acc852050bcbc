import { createHash } from 'node:crypto';
import { type Digest, digestFromHex, mapConcurrent, printable } from '../../../core/index.ts';
import { asApplication } from '../../common/as-application.ts';
import { invalid } from '../../common/documents.ts';
import type { Project } from '../../model.ts';
import { openZip, type ZipArchive } from '../../../archive/index.ts';
import { normaliseName } from '../installed.ts';
import type { WheelFile } from './tags.ts';

/** A file that a wheel installs. */
export interface WheelMember {
  /** In the wheel. */
  readonly member: string;
  readonly size: number;
  /** That its content has to have; undefined of the list of digests itself. */
  readonly digest: Digest | undefined;
}

/** A wheel that is sound as far as its directory and its own files tell. */
export interface Wheel extends WheelFile {
  readonly zip: ZipArchive;
  /** By their places in the folder of installed packages. */
  readonly members: ReadonlyMap<string, WheelMember>;
  /** Fields of its METADATA by their names in lower case. */
  readonly metadata: ReadonlyMap<string, readonly string[]>;
}

const MAX_TEXT = 8 << 20;
const SIGNATURES = ['RECORD', 'RECORD.jws', 'RECORD.p7s'];
const BUILD = 'Build or download it anew: `pip wheel -w wheels .`, `pip download --only-binary=:all: …`.';

/**
 * Reads a wheel (PyPA specifications, "Binary distribution format", version 1). Contents are not read: their digests are checked
 * where they are packed.
 * @throws PithError APP_INVALID for one that pip would not install either
 */
export function readWheel(project: Project, file: WheelFile): Promise<Wheel> {
  return asApplication(file.path, () => openWheel(project, file));
}

async function openWheel(project: Project, file: WheelFile): Promise<Wheel> {
  const { path } = file;
  const size = project.files.get(path)?.size ?? 0;
  const zip = await openZip((range) => project.read(path, range), size, path);
  const names = [...zip.members.keys()].filter((name) => !name.endsWith('/'));
  const folders = new Set(names.flatMap((name) => /^([^/]+\.dist-info)\//.exec(name)?.[1] ?? []));
  const [info] = folders;
  if (info === undefined || folders.size > 1 || nameOf(info) !== file.name)
    throw broken(path, `its .dist-info is ${[...folders].join(', ') || 'missing'}, not that of ${file.name}`);
  const text = async (name: string): Promise<string> => {
    if (!zip.members.has(`${info}/${name}`)) throw broken(path, `it has no ${name}`);
    return new TextDecoder().decode(await zip.read(`${info}/${name}`, MAX_TEXT));
  };
  const version = fieldsOf(await text('WHEEL')).get('wheel-version')?.[0] ?? 'none';
  if (!/^1\.\d+$/.test(version)) throw broken(path, `its Wheel-Version is ${version}, not 1`);
  const metadata = fieldsOf(await text('METADATA'));
  const record = parseRecord(await text('RECORD'));
  const members = new Map<string, WheelMember>();
  const others: [string, string][] = [];
  for (const name of names) {
    const isOwn = SIGNATURES.some((one) => name === `${info}/${one}`);
    const said = record.get(name);
    if (!isOwn && (said === undefined || said === ''))
      throw broken(path, `its RECORD has no digest of ${name}`);
    const digest = isOwn ? undefined : digestOf(said ?? '');
    if (!isOwn && digest === undefined) others.push([name, said ?? '']);
    const to = placeOf(name, info);
    if (to !== undefined) members.set(to, { member: name, size: zip.members.get(name)?.size ?? 0, digest });
  }
  const missing = [...record.keys()].find((name) => !zip.members.has(name) && !SIGNATURES.includes(name));
  if (missing !== undefined) throw broken(path, `it lacks ${missing}, which its RECORD has`);
  await mapConcurrent(others, 4, async ([name, said]) => {
    if (!(await isAs(zip, name, said))) throw broken(path, `${name} has not the digest of its RECORD`);
  });
  return { ...file, zip, members, metadata };
}

function broken(path: string, why: string): Error {
  return invalid(`${path} is no sound wheel: ${why}`, BUILD, path);
}

function nameOf(info: string): string {
  return normaliseName(/^(.+)-[^-]+\.dist-info$/.exec(info)?.[1] ?? '');
}

/**
 * Where pip installs a member with `--target`: purelib, platlib and data at the top, scripts in bin.
 * @returns undefined for what does not serve a program that runs
 */
function placeOf(name: string, info: string): string | undefined {
  const [, scheme, rest = ''] = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(name) ?? [];
  if (scheme === undefined) return name.startsWith(`${info}/RECORD.`) ? undefined : name;
  if (['purelib', 'platlib', 'data'].includes(scheme)) return rest;
  return scheme === 'scripts' ? `bin/${rest}` : undefined;
}

/** Header fields, as those of e-mail (PyPA specifications, "Core metadata"). */
function fieldsOf(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  const [head = ''] = text.replaceAll('\r\n', '\n').split('\n\n');
  for (const line of head.split('\n')) {
    const [, name, value = ''] = /^([A-Za-z][\w-]*):[ \t]*(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    fields.set(name.toLowerCase(), [...(fields.get(name.toLowerCase()) ?? []), printable(value.trim())]);
  }
  return fields;
}

/** Digests by path; a path or digest with a comma stands in quotes (CSV). */
function parseRecord(text: string): Map<string, string> {
  const rows = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, quoted, plain = '', digest = ''] =
      /^(?:"((?:[^"]|"")*)"|([^",]*))(?:,([^,]*))?/.exec(line) ?? [];
    const path = quoted?.replaceAll('""', '"') ?? plain;
    if (path !== '') rows.set(path, digest);
  }
  return rows;
}

/** `sha256=` and the digest in base64 for addresses, without padding. */
function digestOf(said: string): Digest | undefined {
  const [, encoded = ''] = /^sha256=([\w-]{43})=?$/.exec(said) ?? [];
  return encoded === '' ? undefined : digestFromHex(Buffer.from(encoded, 'base64url').toString('hex'));
}

/** Whether a member has a digest of another algorithm that may be used. */
async function isAs(zip: ZipArchive, name: string, said: string): Promise<boolean> {
  const [, algorithm, encoded] = /^(sha384|sha512)=([\w-]+)=*$/.exec(said) ?? [];
  if (algorithm === undefined) return false;
  return (
    createHash(algorithm)
      .update(await zip.read(name))
      .digest('base64url') === encoded
  );
}
