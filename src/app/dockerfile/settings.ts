import { canonicalJson, PithError } from '../../core/index.ts';
import type { Healthcheck, ImageSettings } from './model.ts';
import { checkLine, execForm, lineText, quoted } from './words.ts';

/** The instructions that make the configuration of a base that of an image. */
export function settingLines(settings: ImageSettings, base: ImageSettings): string[] {
  const { workdir, user, stopSignal, entrypoint, cmd } = settings;
  const lines = [
    ...assignments('ENV', settings.env, base.env),
    ...assignments('LABEL', settings.labels, base.labels),
  ];
  if (workdir !== undefined) lines.push(`WORKDIR ${lineText(checkLine(workdir, 'the working folder'))}`);
  if (user !== undefined) lines.push(`USER ${lineText(checkLine(user, 'the user'))}`);
  const ports = settings.ports.filter((port) => !base.ports.includes(port));
  if (ports.length > 0) lines.push(`EXPOSE ${ports.join(' ')}`);
  const volumes = settings.volumes.filter((volume) => !base.volumes.includes(volume));
  if (volumes.length > 0)
    lines.push(`VOLUME ${execForm(volumes.map((volume) => lineText(checkLine(volume, 'a volume'))))}`);
  if (stopSignal !== undefined) lines.push(`STOPSIGNAL ${lineText(checkLine(stopSignal, 'the signal'))}`);
  lines.push(...healthcheckLines(settings.healthcheck, base.healthcheck));
  if (entrypoint) lines.push(`ENTRYPOINT ${execForm(entrypoint)}`);
  if (cmd) lines.push(`CMD ${execForm(cmd)}`);
  return lines;
}

function healthcheckLines(healthcheck: Healthcheck | undefined, base: Healthcheck | undefined): string[] {
  const { Test: [kind, ...words] = [], Interval, Timeout, StartPeriod, Retries } = healthcheck ?? {};
  if (kind === undefined || canonicalJson(healthcheck) === canonicalJson(base ?? {})) return [];
  if (kind === 'NONE') return ['HEALTHCHECK NONE'];
  const times = { interval: Interval, timeout: Timeout, 'start-period': StartPeriod };
  const flags = Object.entries(times).flatMap(([name, time]) =>
    time === undefined ? [] : [`--${name}=${time / 1e9}s`],
  );
  if (Retries !== undefined) flags.push(`--retries=${Retries}`);
  const command = kind === 'CMD' ? execForm(words) : checkLine(words[0] ?? '', 'the health check');
  return [['HEALTHCHECK', ...flags, 'CMD', command].join(' ')];
}

type Texts = Readonly<Record<string, string>>;

function assignments(instruction: 'ENV' | 'LABEL', values: Texts, base: Texts): string[] {
  return Object.entries(values)
    .filter(([name, value]) => base[name] !== value)
    .map(([name, value]) => {
      const what = `${instruction === 'ENV' ? 'the variable' : 'the label'} ${name}`;
      return `${instruction} ${checkName(name, what)}=${quoted(checkLine(value, what))}`;
    });
}

function checkName(name: string, what: string): string {
  if (/^[\w./-]+$/.test(name)) return name;
  throw new PithError('APP_INVALID', `${what}: no Dockerfile can set something of this name`, {
    hint: 'Choose a name of letters, digits, `_`, `.`, `-` and `/`.',
  });
}
