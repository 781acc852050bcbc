import type { MemberPlace, TarEntryType } from '../archive/index.ts';
import { digestFromHex, hexOf } from '../core/index.ts';
import type { DiskFile } from './disk-segment.ts';

/**
 * Files in the form that travels between threads: a few large values instead of very many objects, whose copies would take
 * as long as the files do.
 */
export interface PackedFiles {
  /** Of each file its path in the image, the target of a link, the path of its source, and what this is called in errors. */
  readonly texts: string;
  /** Length of each text. */
  readonly lengths: Uint32Array;
  /** Of each its type as an index of {@link TYPES}, and the numbers of its header. */
  readonly numbers: Float64Array;
  /** Digests of those that have a source, without their algorithm, one behind the other. */
  readonly digests: string;
  /** Where in an archive the content is, by place. */
  readonly members: ReadonlyMap<number, MemberPlace>;
}

const TYPES: readonly TarEntryType[] = ['file', 'directory', 'symlink', 'hardlink'];
const TEXTS = 4;
const NUMBERS = 6;
const HEX = 64;
/** Of a file that has none: no content has it. */
const NO_DIGEST = '0'.repeat(HEX);

/** @param files that come from the disk: regular files with their digests, folders and links */
export function packFiles(files: readonly DiskFile[]): PackedFiles {
  const texts: string[] = [];
  const numbers = new Float64Array(files.length * NUMBERS);
  const digests: string[] = [];
  const members = new Map<number, MemberPlace>();
  let at = 0;
  for (const [index, { file, source }] of files.entries()) {
    texts.push(file.path, file.linkName, source?.path ?? '', source?.name ?? '');
    numbers[at++] = TYPES.indexOf(file.type);
    numbers[at++] = file.mode;
    numbers[at++] = file.uid;
    numbers[at++] = file.gid;
    numbers[at++] = file.size;
    numbers[at++] = file.mtime;
    if (!source) continue;
    digests.push(file.digest === undefined ? NO_DIGEST : hexOf(file.digest));
    if (source.member) members.set(index, source.member);
  }
  const lengths = Uint32Array.from(texts, (text) => text.length);
  return { texts: texts.join(''), lengths, numbers, digests: digests.join(''), members };
}

/** The files again, one after the other. */
export function* unpackFiles({
  texts,
  lengths,
  numbers,
  digests,
  members,
}: PackedFiles): Generator<DiskFile> {
  let text = 0;
  let at = 0;
  let number = 0;
  let digested = 0;
  const nextText = (): string => texts.slice(at, (at += lengths[text++] ?? 0));
  const nextNumber = (): number => numbers[number++] ?? 0;
  for (let index = 0; index < lengths.length / TEXTS; index++) {
    const [path, linkName, from, name] = [nextText(), nextText(), nextText(), nextText()];
    const type = TYPES[nextNumber()] ?? 'file';
    const [mode, uid, gid, size, mtime] = [
      nextNumber(),
      nextNumber(),
      nextNumber(),
      nextNumber(),
      nextNumber(),
    ];
    const file = { path, type, mode, uid, gid, size, mtime, linkName, deviceMajor: 0, deviceMinor: 0 };
    if (from === '') {
      yield { file };
      continue;
    }
    const digest = digestFromHex(digests.slice(digested, (digested += HEX)));
    const member = members.get(index);
    yield { file: { ...file, digest }, source: { path: from, name, ...(member ? { member } : {}) } };
  }
}
