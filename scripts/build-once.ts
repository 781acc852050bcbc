/** Vitest's global set-up: worker threads and the command line are tested as they are shipped, so dist/ must be current. */
export default async function setup(): Promise<void> {
  const { buildAll } = (await import('./build.mjs' as string)) as {
    buildAll: (options: { types: boolean }) => Promise<void>;
  };
  await buildAll({ types: true });
}
