import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatShare, formatSize } from '../format.ts';
import { go } from '../use-route.ts';
import { type Cell, cellAt, layoutMap } from './layout.ts';
import { CHANGE_SIGNS, paintMap, readPalette } from './paint.ts';
import type { MapItem, MapSource } from './source.ts';

/** Items of the list beside the map. */
const LISTED = 100;
/** Items that are told apart at all; the smaller ones are one. */
const MAX_ITEMS = 2000;

/**
 * A map of sizes with the same as a list beside it. The map is for the eye and the pointer; the list says and does
 * everything that the map does, with the keyboard and for screen readers.
 */
export function Treemap({ source }: { readonly source: MapSource }) {
  const [trail, setTrail] = useState<readonly MapItem[]>([]);
  const [marked, setMarked] = useState<string>();
  const heading = useRef<HTMLElement>(null);
  useEffect(() => {
    setTrail([]);
  }, [source]);
  const here = trail.at(-1) ?? source.root;
  const open = (item: MapItem): void => {
    setMarked(undefined);
    if (item.isFolder) {
      setTrail([...trail, item]);
      heading.current?.focus();
    } else if (item.href !== undefined) go(item.href);
  };
  return (
    <div class="treemap">
      <nav class="crumbs" aria-label="Place in the map" ref={heading} tabIndex={-1}>
        <ol>
          {[source.root, ...trail].map((item, at) => (
            <li key={item.key}>
              {at === trail.length ? (
                <strong aria-current="location">{item.label}</strong>
              ) : (
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    setTrail(trail.slice(0, at));
                  }}
                >
                  {item.label}
                </button>
              )}
            </li>
          ))}
        </ol>
        <span class="number">{formatSize(here.value)}</span>
        {trail.length > 0 && here.href !== undefined && <a href={here.href}>Details</a>}
      </nav>
      <div class="map-and-list">
        <Picture source={source} here={here} marked={marked} onMark={setMarked} onOpen={open} />
        <ItemList source={source} here={here} marked={marked} onMark={setMarked} onOpen={open} />
      </div>
    </div>
  );
}

interface PartProps {
  readonly source: MapSource;
  readonly here: MapItem;
  readonly marked: string | undefined;
  readonly onMark: (key: string | undefined) => void;
  readonly onOpen: (item: MapItem) => void;
}

function Picture({ source, here, marked, onMark, onOpen }: PartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [pointed, setPointed] = useState<{ cell: Cell; x: number; y: number }>();
  const theme = useTheme();
  const cells = useMemo(() => layoutMap(source, here, size.width, size.height), [source, here, size]);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const measure = (): void => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  useLayoutEffect(() => {
    if (canvas.current && size.width > 0)
      paintMap(canvas.current, cells, readPalette(canvas.current), marked);
  }, [cells, size, marked, theme]);
  const cellUnder = (event: MouseEvent): Cell | undefined => cellAt(cells, event.offsetX, event.offsetY);
  return (
    <div class="picture" aria-hidden="true">
      <canvas
        ref={canvas}
        onPointerMove={(event) => {
          const cell = cellUnder(event);
          onMark(cell?.item.key);
          setPointed(cell && { cell, x: event.offsetX, y: event.offsetY });
        }}
        onPointerLeave={() => {
          onMark(undefined);
          setPointed(undefined);
        }}
        onClick={(event) => {
          const cell = cellUnder(event);
          setPointed(undefined);
          if (cell) onOpen(cell.item);
        }}
      />
      {pointed && <Tip {...pointed} whole={here.value} room={size.width} />}
    </div>
  );
}

function Tip(props: {
  readonly cell: Cell;
  readonly x: number;
  readonly y: number;
  readonly whole: number;
  readonly room: number;
}) {
  const { item } = props.cell;
  const isRight = props.x > props.room / 2;
  const side = isRight ? { right: `${props.room - props.x + 12}px` } : { left: `${props.x + 12}px` };
  return (
    <div class="tip" style={{ ...side, top: `${props.y + 14}px` }}>
      <strong>{item.label}</strong>
      <br />
      {formatSize(item.value)}, {formatShare(item.value, props.whole)}
    </div>
  );
}

function ItemList({ source, here, marked, onMark, onOpen }: PartProps) {
  const items = useMemo(() => source.children(here, here.value / MAX_ITEMS), [source, here]);
  const largest = items[0]?.value ?? 1;
  if (items.length === 0) return <p class="empty">Nothing in here has a size.</p>;
  return (
    <ol class="ranking" aria-label={`Largest in ${here.label}`}>
      {items.slice(0, LISTED).map((item) => (
        <li key={item.key} class={item.key === marked ? 'marked' : ''}>
          <button
            type="button"
            onClick={() => {
              onOpen(item);
            }}
            onFocus={() => {
              onMark(item.key);
            }}
            onBlur={() => {
              onMark(undefined);
            }}
            onPointerEnter={() => {
              onMark(item.key);
            }}
            onPointerLeave={() => {
              onMark(undefined);
            }}
          >
            <span class="bar" style={{ width: `${(100 * item.value) / largest}%` }} />
            <span class="label">
              {signOf(item)}
              {item.label}
              {item.isFolder && <span class="muted"> ›</span>}
            </span>
            <span class="number">{formatSize(item.value)}</span>
            <span class="number muted">{formatShare(item.value, here.value)}</span>
          </button>
        </li>
      ))}
      {items.length > LISTED && (
        <li class="empty">… and {(items.length - LISTED).toLocaleString('en')} smaller</li>
      )}
    </ol>
  );
}

function signOf({ change, isFolder }: MapItem): string {
  const sign = isFolder ? '' : (CHANGE_SIGNS[change ?? 0] ?? '');
  return sign && `${sign} `;
}

/** Changes when the system goes from light to dark. */
function useTheme(): boolean {
  const [query] = useState(() => matchMedia('(prefers-color-scheme: dark)'));
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const update = (): void => {
      setDark(query.matches);
    };
    query.addEventListener('change', update);
    return () => {
      query.removeEventListener('change', update);
    };
  }, [query]);
  return isDark;
}
