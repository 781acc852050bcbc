import { byText } from '../../core/index.ts';
import type { LibraryIndex } from './library-index.ts';
import { packageNamesOf } from './library-names.ts';

/**
 * The package that is to bring a library, of those that have a file of its name: one in a folder that the loader
 * searches before one in a folder of its own, a package of libraries before another, then one that is called after the library as
 * policy wants it, then by name.
 *
 * @param isCandidate whether a package can be had
 */
export function chooseOwner(
  file: string,
  indexes: readonly LibraryIndex[],
  isCandidate: (name: string) => boolean,
): string | undefined {
  const usual = packageNamesOf(file);
  const rankOf = (name: string): number => (usual.includes(name) ? usual.indexOf(name) : usual.length);
  const [best] = indexes
    .flatMap((index) => index.get(file))
    .filter(({ name }) => isCandidate(name))
    .sort((a, b) => a.fitness - b.fitness || rankOf(a.name) - rankOf(b.name) || byText(a.name, b.name));
  return best?.name;
}
