import { mapConcurrent } from '../../core/index.ts';
import type { Project } from '../model.ts';
import { ownerOf } from './native-files.ts';
import type { Condition } from './runtime.ts';

/** NODE_MODULE_VERSION of each line (Node.js, doc/abi_version_registry.json). */
const LINES: Readonly<Record<string, number>> = { 18: 108, 20: 115, 22: 127, 24: 137, 26: 147 };
/** The symbol by which Node.js finds a module that is not of Node-API, which holds for all versions. */
const REGISTER = /node_register_module_v(\d{2,4})\b/g;
const MAX_BYTES = 32 << 20;

/** Versions of Node.js that native modules are compiled for, package by package; nothing of those that use Node-API. */
export async function findModuleVersions(
  project: Project,
  binaries: readonly string[],
): Promise<Condition[]> {
  const modules = binaries.filter((path) => path.endsWith('.node'));
  const found = await mapConcurrent(modules, 4, async (path) => {
    const bytes = await project.read(path, { start: 0, length: MAX_BYTES });
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    return { path, versions: [...text.matchAll(REGISTER)].map((match) => Number(match[1])) };
  });
  const byOwner = new Map<string, { path: string; versions: Set<number> }>();
  for (const { path, versions } of found) {
    if (versions.length === 0) continue;
    const known = byOwner.get(ownerOf(path)) ?? { path, versions: new Set() };
    for (const version of versions) known.versions.add(version);
    byOwner.set(ownerOf(path), known);
  }
  return [...byOwner.values()].map(({ path, versions }) => ({
    wanted: `${describe(versions)} (${path} is compiled for it)`,
    accepts: (version) => versions.has(LINES[version] ?? -1),
  }));
}

function describe(versions: ReadonlySet<number>): string {
  const lines = Object.entries(LINES).filter(([, abi]) => versions.has(abi));
  return lines.length > 0
    ? lines.map(([line]) => line).join(' or ')
    : `NODE_MODULE_VERSION ${[...versions].join(' or ')}`;
}
