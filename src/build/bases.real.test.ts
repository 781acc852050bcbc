import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSink, parseLocation, type LocationContext } from '../location/index.ts';
import { Store } from '../store/index.ts';
import { createContainerStorage, type ContainerStorage } from '../testing/containers.ts';
import { makeImage, makeLayer } from '../testing/layered-image.ts';
import { describeWith, SEARCH_PATH, unlessRoot } from '../testing/tools.ts';
import { Bases } from './bases.ts';

const LOCATION = 'containers-storage:localhost/base:1';
const OS_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n';

describeWith(
  'an image of podman that a definition extends',
  { tools: ['podman'], unless: unlessRoot() },
  () => {
    let storage: ContainerStorage;
    let context: LocationContext;
    /** As another run of pith would. */
    const open = (): Bases => new Bases(Store.open(join(storage.folder, 'cache')), context, true);
    const load = async (content: string): Promise<void> => {
      const image = makeImage([makeLayer({ 'etc/os-release': OS_RELEASE, content })]);
      await openSink(parseLocation(LOCATION), context).write([{ names: [], artifact: image }]);
    };

    beforeAll(async () => {
      storage = await createContainerStorage();
      const environment = { ...process.env, PATH: SEARCH_PATH, ...storage.env };
      const writer = { pid: process.pid, host: hostname(), isAlive: () => true };
      const store = Store.open(join(storage.folder, 'cache'));
      context = { environment, writer, temporaryPath: () => store.temporaryPath() };
    });
    afterAll(() => storage.remove());

    it('has the same digest whenever it is read, and is refused once it is another', async () => {
      await load('first');
      const base = await open().inspect(LOCATION);
      expect(base).toMatchObject({ distribution: 'debian13', title: 'Debian GNU/Linux 13 (trixie)' });
      expect(await open().inspect(LOCATION)).toEqual(base);
      expect(await open().inspect(LOCATION, base.digest)).toEqual(base);
      await storage.podman('rmi', 'localhost/base:1');
      await load('first');
      expect((await open().inspect(LOCATION)).digest).toBe(base.digest);
      await load('second');
      await expect(open().inspect(LOCATION, base.digest)).rejects.toMatchObject({
        code: 'LOCKFILE_MISMATCH',
      });
    });
  },
);
