import { describe, expect, it } from 'vitest';
import type { LoadedImage } from '../build/index.ts';
import { planContainer } from './container-run.ts';

function loaded(config: object): LoadedImage {
  const image = { config: { config: { User: '65532', ...config } } };
  return { reference: 'localhost/pith/app:latest', image } as unknown as LoadedImage;
}

describe('an image of which nothing says what runs', () => {
  it('is not run', async () => {
    await expect(planContainer(loaded({}), {}, [])).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('localhost/pith/app:latest') as string,
    });
  });

  it.each([
    ['its entrypoint', { Entrypoint: ['/app'] }, {}, []],
    ['its command', { Cmd: ['/app'] }, {}, []],
    ['arguments', {}, {}, ['/app']],
    ['an option', {}, { entrypoint: '/app' }, []],
    ['an option of the engine', {}, { engineArg: ['--entrypoint=/app'] }, []],
  ])('is none if %s does', async (_what, config, flags, args) => {
    const { options } = await planContainer(loaded(config), flags, args);
    expect(options).toMatchObject({ reference: 'localhost/pith/app:latest', args });
  });
});
