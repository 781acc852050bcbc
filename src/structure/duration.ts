const UNITS = [
  ['h', 3_600_000_000_000],
  ['m', 60_000_000_000],
] as const;

/** A time as Go writes a `time.Duration`: `0s`, `1.5µs`, `250ms`, `1m30.5s`. @param nanoseconds a whole number */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1000) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000) return `${nanoseconds / 1000}µs`;
  if (nanoseconds < 1_000_000_000) return `${nanoseconds / 1_000_000}ms`;
  let left = nanoseconds;
  let text = '';
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0 || text !== '') text += `${count}${unit}`;
  }
  return `${text}${left / 1_000_000_000}s`;
}
