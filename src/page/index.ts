export {
  ENTRY_CHANGES,
  ENTRY_TYPES,
  type PageColumn,
  type PageData,
  type PageEntryBefore,
  type PageFinding,
  type PageImage,
  type PageLayer,
  type PagePackage,
  type PageSetting,
  type PageTable,
  type PageTree,
} from './data.ts';
export { fillPage } from './fill-page.ts';
export { settingsOf } from './settings.ts';
