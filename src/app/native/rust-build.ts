import { inflateSync } from 'node:zlib';
import { readSection } from '../../rootfs/index.ts';
import { isFields, textAt } from '../common/values.ts';
import type { ElfFile } from './elf-file.ts';

const MAX_COMPRESSED = 8 << 20;
const MAX_TEXT = 64 << 20;

/** The crate that a program is of. */
export interface RustCrate {
  readonly name: string;
  readonly version: string;
}

/**
 * What cargo-auditable writes into a program: a list of its crates (github.com/rust-secure-code/cargo-auditable, PARSING.md).
 * @returns the program's own crate; nothing if the list is not there, is damaged or names none
 */
export async function readRustCrate(file: ElfFile): Promise<RustCrate | undefined> {
  const section = await readSection(file, '.dep-v0', MAX_COMPRESSED);
  if (!section) return undefined;
  try {
    const list: unknown = JSON.parse(inflateSync(section, { maxOutputLength: MAX_TEXT }).toString('utf8'));
    const packages = isFields(list) && Array.isArray(list['packages']) ? (list['packages'] as unknown[]) : [];
    const root = packages.filter(isFields).find((entry) => entry['root'] === true);
    const [name, version] = root ? [textAt(root, 'name'), textAt(root, 'version')] : [];
    return name !== undefined && version !== undefined ? { name, version } : undefined;
  } catch {
    return undefined;
  }
}
