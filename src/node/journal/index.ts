export { fileJournal, type FileJournalOptions } from './file-journal.js';
export { defaultJournalFolder } from './folder.js';
