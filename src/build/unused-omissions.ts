import { matcher } from '../rootfs/index.ts';
import type { LockedImage } from '../resolve/index.ts';
import type { ImageSpec } from './image-spec.ts';

/**
 * The names in `omit` that leave nothing out on any platform, in words: there is no dependency of that name, or an image below
 * holds it already.
 */
export function unusedOmissions(image: ImageSpec, { platforms }: LockedImage): string[] {
  const levels = [...image.levels, ...Object.values(image.variants).flatMap((variant) => variant.levels)];
  const locked = Object.values(platforms);
  return levels.flatMap(({ name, omit }) =>
    omit.flatMap((pattern) => {
      const matches = matcher([pattern]);
      const isUsed = locked.some((one) => one[name]?.omissions.some((omission) => matches(omission.name)));
      if (isUsed) return [];
      const holder = levels.find((level) =>
        locked.some((one) => one[level.name]?.packages.some((member) => matches(nameOf(member.package)))),
      );
      const why = holder ? `${holder.name} holds it` : 'nothing that comes in depends on it';
      return [`${name}: \`omit\` leaves out no ${pattern}: ${why}`];
    }),
  );
}

/** `libpq5` of `libpq5_17.5_amd64`. */
function nameOf(key: string): string {
  return key.slice(0, key.indexOf('_'));
}
