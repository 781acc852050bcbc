import { Digester, digestOf } from '../core/index.ts';
import { ElfScanner } from '../rootfs/index.ts';
import type { ReadFile } from './digest-memory.ts';
import { isSmallFile, readWhole } from './disk-content.ts';
import { type DiskSource, readSource } from './disk-member.ts';
import type { Turn } from './turn.ts';

/** A file to be read for its digest. */
export interface FileToRead {
  readonly source: DiskSource;
  /** Bytes that it has to have. */
  readonly size: number;
}

/** First byte of an ELF file. */
const ELF = 0x7f;

/**
 * Reads the content of a file for its digest and for what it says of itself if it is a program or library.
 * @throws PithError as readSource
 */
export async function readFacts(source: DiskSource, size: number, turn: Turn): Promise<ReadFile> {
  if (isAtOnce(source, size)) return readSmallFacts(source, size);
  const scanner = new ElfScanner(size);
  const digester = new Digester();
  for (const piece of readSource(source, size)) {
    digester.update(piece);
    scanner.write(piece);
    if (turn.isOver) await turn.rest();
  }
  const elf = scanner.finish();
  return { digest: digester.digest(), ...(elf ? { elf } : {}) };
}

/** Whether a file is read in one piece. */
export function isAtOnce({ member }: DiskSource, size: number): boolean {
  return !member && isSmallFile(size);
}

/** As {@link readFacts}, for small files. */
function readSmallFacts({ path, name }: DiskSource, size: number): ReadFile {
  const bytes = readWhole(path, name, size);
  const digest = digestOf(bytes);
  if (bytes[0] !== ELF) return { digest };
  const scanner = new ElfScanner(size);
  scanner.write(bytes);
  const elf = scanner.finish();
  return elf ? { digest, elf } : { digest };
}
