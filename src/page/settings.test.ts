import { expect, it } from 'vitest';
import { settingsOf } from './settings.ts';

const FRAME = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } } as const;

it('says what the configuration says, in its order', () => {
  expect(
    settingsOf(
      {
        ...FRAME,
        created: '2026-01-01T00:00:00Z',
        config: {
          Env: ['A=1', 'B=2'],
          Entrypoint: ['/bin/app', '-v'],
          User: '65532',
          ExposedPorts: { '80/tcp': {} },
          Labels: { a: 'b' },
        },
      },
      { 'org.example': 'x' },
    ),
  ).toEqual([
    { name: 'User', values: ['65532'] },
    { name: 'Entrypoint', values: ['/bin/app', '-v'] },
    { name: 'Environment', values: ['A=1', 'B=2'] },
    { name: 'Ports', values: ['80/tcp'] },
    { name: 'Labels', values: ['a=b'] },
    { name: 'Annotations', values: ['org.example=x'] },
    { name: 'Created', values: ['2026-01-01T00:00:00Z'] },
  ]);
});

it('says nothing of what is absent or empty', () => {
  expect(settingsOf({ ...FRAME, config: { User: '', Env: [], Labels: {} } })).toEqual([]);
});
