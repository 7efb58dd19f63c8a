export { fileJournal, type FileJournalOptions } from './node/journal/file-journal.js';
