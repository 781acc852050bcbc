const DAY = /^\d{4}-\d{2}-\d{2}$/;
const SECONDS = 24 * 3600;

/** The second at which a day such as `2027-01-31` ends, in UTC; undefined for what is no day. */
export function parseDay(text: string): number | undefined {
  const time = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
  return isDay ? time / 1000 + SECONDS : undefined;
}
