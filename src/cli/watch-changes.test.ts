import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Changes } from './watch-changes.ts';

const never = new AbortController().signal;

/** Whether somebody who waits for complete changes is still waiting. */
function waitFor(changes: Changes, signal = never): { isOver: () => boolean; promise: Promise<void> } {
  let over = false;
  const promise = changes.complete(signal).finally(() => {
    over = true;
  });
  promise.catch(() => undefined);
  return { isOver: () => over, promise };
}

const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

/** Changes a path a number of times, each time without a difference for the image. */
function futile(changes: Changes, path: string, times: number): void {
  for (let time = 0; time < times; time++) {
    changes.add(path);
    changes.judge(changes.take(), false);
  }
}

describe('changes', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are complete when nothing more has changed for a moment', async () => {
    const changes = new Changes();
    const waiting = waitFor(changes);
    await pass(60_000);
    expect(waiting.isOver()).toBe(false);
    for (const path of ['a.tmp', 'a', 'a.tmp']) {
      changes.add(path);
      await pass(25);
    }
    expect(waiting.isOver()).toBe(false);
    await pass(5);
    expect(waiting.isOver()).toBe(true);
    expect([...changes.take()]).toEqual(['a.tmp', 'a']);
    expect([...changes.take()]).toEqual([]);
  });

  it('that came while nobody waited are complete at once', async () => {
    const changes = new Changes();
    changes.add('a');
    expect(changes.isPending).toBe(true);
    await pass(100);
    const waiting = waitFor(changes);
    await pass(0);
    expect(waiting.isOver()).toBe(true);
  });

  it('that do not end are looked at all the same', async () => {
    const changes = new Changes();
    const waiting = waitFor(changes);
    let passed = 0;
    for (; !waiting.isOver(); passed += 10) {
      changes.add('a');
      await pass(10);
    }
    expect(passed).toBeGreaterThanOrEqual(3000);
    expect(passed).toBeLessThan(3100);
  });

  it('of very many files wait for the pauses that an installation makes', async () => {
    const changes = new Changes();
    const waiting = waitFor(changes);
    for (let round = 0; round < 10; round++) {
      for (let file = 0; file < 100; file++) changes.add(`node_modules/${round}/${file}`);
      await pass(round < 2 ? 20 : 400);
    }
    expect(waiting.isOver()).toBe(false);
    await pass(100);
    expect(waiting.isOver()).toBe(true);
    expect(changes.take().size).toBe(1000);
  });

  it('that never make a difference wait, but others do not wait for them', async () => {
    const changes = new Changes();
    futile(changes, 'app.log', 5);
    changes.add('app.log');
    expect(changes.isPending).toBe(false);
    const waiting = waitFor(changes);
    await pass(4000);
    expect(waiting.isOver()).toBe(false);
    changes.add('server.js');
    await pass(30);
    expect(waiting.isOver()).toBe(true);
    expect([...changes.take()]).toEqual(['app.log', 'server.js']);
    changes.add('app.log');
    const patient = waitFor(changes);
    await pass(4999);
    expect(patient.isOver()).toBe(false);
    await pass(1);
    expect(patient.isOver()).toBe(true);
  });

  it('of a file that was saved without a change a few times do not wait', () => {
    const changes = new Changes();
    futile(changes, 'server.js', 4);
    changes.add('server.js');
    expect(changes.isPending).toBe(true);
    changes.judge(changes.take(), true);
    futile(changes, 'server.js', 4);
    changes.add('server.js');
    expect(changes.isPending).toBe(true);
  });

  it('are no longer waited for after a signal', async () => {
    const changes = new Changes();
    const controller = new AbortController();
    const waiting = waitFor(changes, controller.signal);
    controller.abort();
    await expect(waiting.promise).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(changes.complete(controller.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(vi.getTimerCount()).toBe(0);
  });
});
