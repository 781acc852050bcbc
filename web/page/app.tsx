import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatCount } from './format.ts';
import { Header } from './header.tsx';
import { Printing } from './parts/printing.ts';
import { type Shown, ShownProvider } from './report.ts';
import type { Route } from './route.ts';
import { useRoute } from './use-route.ts';
import { FilesView } from './views/files.tsx';
import { FindingsView } from './views/findings.tsx';
import { LayersView } from './views/layers.tsx';
import { Overview } from './views/overview.tsx';
import { PackagesView } from './views/packages.tsx';
import { SettingsView } from './views/settings.tsx';
import { TableView } from './views/table-view.tsx';

interface View {
  readonly id: string;
  readonly title: string;
  readonly count?: number | undefined;
  show(route: Route): ComponentChildren;
}

/** Pixels beside the current part where the list of parts is scrolled. */
const MARGIN = 60;

/** How parts are printed, if not as they are shown first: of the files the largest. */
const PRINTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  files: { as: 'list', sort: '-size' },
};

/** The whole page: the header, and one view of the data, or all of them on paper. */
export function App({ shown, isPrinting }: { readonly shown: Shown; readonly isPrinting: boolean }) {
  const route = useRoute();
  const views = viewsOf(shown);
  const view = views.find(({ id }) => id === route.view) ?? views[0];
  const main = useRef<HTMLElement>(null);
  useSlashKey(main);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const current = list.current?.querySelector<HTMLElement>('[aria-current]');
    if (!list.current || !current) return;
    const { scrollLeft, clientWidth } = list.current;
    const { offsetLeft, offsetWidth } = current;
    const isSeen = offsetLeft >= scrollLeft && offsetLeft + offsetWidth <= scrollLeft + clientWidth;
    if (!isSeen) list.current.scrollLeft = offsetLeft - MARGIN;
  }, [view?.id]);
  if (!view) return null;
  return (
    <ShownProvider value={shown}>
      <Printing.Provider value={isPrinting}>
        <a
          class="skip"
          href="#content"
          onClick={(event) => {
            event.preventDefault();
            main.current?.focus();
          }}
        >
          Skip to the content
        </a>
        <Header isShort={!isPrinting && view.id !== 'overview'} />
        <nav class="views" aria-label="Parts of the report">
          <ul ref={list}>
            {views.map(({ id, title, count }) => (
              <li key={id}>
                <a href={`#${id}`} aria-current={id === view.id ? 'page' : undefined}>
                  {title}
                  {count !== undefined && <span class="count">{formatCount(count)}</span>}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <main id="content" ref={main} tabIndex={-1} aria-label={view.title}>
          {isPrinting ? (
            views.map((each) => (
              <section key={each.id} class="printed">
                <h2>{each.title}</h2>
                {each.show({ view: each.id, values: PRINTED[each.id] ?? {} })}
              </section>
            ))
          ) : (
            <div key={view.id} class="view">
              {view.show(route)}
            </div>
          )}
        </main>
      </Printing.Provider>
    </ShownProvider>
  );
}

function viewsOf({ report }: Shown): View[] {
  const { image, packages, findings, tables = [] } = report;
  return [
    { id: 'overview', title: 'Overview', show: (route) => <Overview route={route} /> },
    { id: 'files', title: 'Files', count: image.files, show: (route) => <FilesView route={route} /> },
    {
      id: 'packages',
      title: 'Packages',
      count: packages.length,
      show: (route) => <PackagesView route={route} />,
    },
    {
      id: 'layers',
      title: 'Layers',
      count: image.layers.length,
      show: (route) => <LayersView route={route} />,
    },
    {
      id: 'findings',
      title: 'Findings',
      count: findings?.length,
      show: (route) => <FindingsView route={route} />,
    },
    { id: 'config', title: 'Configuration', show: () => <SettingsView /> },
    ...tables.map((table) => ({
      id: table.id,
      title: table.title,
      count: table.rows.length,
      show: (route: Route) => <TableView key={table.id} table={table} route={route} />,
    })),
  ];
}

/** `/` leads to the field for searching, as on many pages. */
function useSlashKey(main: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const target = event.target as Element;
      if (event.key !== '/' || target.matches('input, select, textarea')) return;
      const field = main.current?.querySelector<HTMLInputElement>('input[type=search]');
      if (!field) return;
      event.preventDefault();
      field.focus();
    };
    addEventListener('keydown', onKeyDown);
    return () => {
      removeEventListener('keydown', onKeyDown);
    };
  }, []);
}
