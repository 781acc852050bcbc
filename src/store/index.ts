export { Store, type StoreEntry } from './store.ts';
