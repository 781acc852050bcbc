import type { ComponentChildren } from 'preact';
import type { PageImage } from '../../src/page/data.ts';
import { formatCount, formatDate, formatShare, formatSize, formatSizeChange } from './format.ts';
import { DigestText } from './parts/digest.tsx';
import { Facts } from './parts/facts.tsx';
import { useShown } from './report.ts';

/** What image it is, and what it comes to. */
export function Header({ isShort }: { readonly isShort: boolean }) {
  const { report } = useShown();
  const { image, before } = report;
  return (
    <header class={isShort ? 'top short' : 'top'}>
      <p class="brand">
        pith {before ? 'diff' : 'inspect'} <span class="muted">{report.version}</span>
      </p>
      {before ? (
        <>
          <h1>
            <span class="path">{before.name}</span>{' '}
            <span class="muted" aria-label="to">
              →
            </span>{' '}
            <span class="path">{image.name}</span>
          </h1>
          <div class="two">
            <ImageFacts image={before} title="Before" other={image} />
            <ImageFacts image={image} title="After" />
          </div>
        </>
      ) : (
        <>
          <h1>
            <span class="path">{image.name}</span>
          </h1>
          <ImageFacts image={image} />
        </>
      )}
      <Totals />
    </header>
  );
}

interface ImageFactsProps {
  readonly image: PageImage;
  readonly title?: string;
  /** What it has in common with this image is left out. */
  readonly other?: PageImage;
}

function ImageFacts({ image, title, other }: ImageFactsProps) {
  const others = new Map(other ? factsOf(other) : []);
  return (
    <div>
      {title !== undefined && <h2 class="muted">{title}</h2>}
      <Facts
        name="facts inline"
        rows={factsOf(image)
          .filter(([name, value]) => value !== others.get(name))
          .map(([name, value]) => [name, shownFact(name, value)])}
      />
      {other && <p class="muted">Everything else as after.</p>}
    </div>
  );
}

function factsOf(image: PageImage): (readonly [name: string, value: string | undefined])[] {
  const setting = (name: string): string | undefined =>
    image.settings.find((found) => found.name === name)?.values.join(' ');
  return [
    ['Digest', image.digest],
    ['Platform', image.platform],
    ['User', setting('User') ?? 'root (not said)'],
    ['Entrypoint', setting('Entrypoint') ?? setting('Command') ?? 'none'],
    ['Distribution', image.distribution],
    ['Base', image.base],
    ['Created', image.created === undefined ? undefined : dateOf(image.created)],
  ];
}

function shownFact(name: string, value: string | undefined): ComponentChildren {
  if (value === undefined) return undefined;
  if (name === 'Digest') return <DigestText digest={value} />;
  return name === 'Entrypoint' ? <code>{value}</code> : value;
}

function Totals() {
  const { report } = useShown();
  const { image, before, packages, findings } = report;
  const changed = (now: number, old: number | undefined): string | undefined =>
    old === undefined ? undefined : formatSizeChange(now - old);
  const present = packages.filter(({ change }) => change !== 'removed').length;
  return (
    <dl class="totals">
      <Total title="stored" value={formatSize(image.size)} note={changed(image.size, before?.size)} />
      <Total
        title="unpacked"
        value={formatSize(image.unpackedSize)}
        note={changed(image.unpackedSize, before?.unpackedSize)}
      />
      <Total title="layers" value={formatCount(image.layers.length)} />
      <Total title="files and links" value={formatCount(image.files)} />
      <Total title="packages" value={formatCount(present)} />
      {image.wasted !== undefined && (
        <Total
          title="wasted"
          value={formatSize(image.wasted)}
          note={image.efficiency === undefined ? undefined : `efficiency ${formatShare(image.efficiency, 1)}`}
        />
      )}
      {findings && (
        <Total title={findings.length === 1 ? 'finding' : 'findings'} value={formatCount(findings.length)} />
      )}
    </dl>
  );
}

function Total({
  title,
  value,
  note,
}: {
  readonly title: string;
  readonly value: string;
  readonly note?: string | undefined;
}) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {value}
        {note !== undefined && <span class="muted"> {note}</span>}
      </dd>
    </div>
  );
}

function dateOf(text: string): string {
  const seconds = Date.parse(text) / 1000;
  return Number.isNaN(seconds) ? text : formatDate(seconds);
}
