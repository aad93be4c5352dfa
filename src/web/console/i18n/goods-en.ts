import type { Words } from './shape.ts';

export const goodsEn: Words['goods'] = {
  heading: 'Make a catalogue of a spreadsheet',
  lead:
    'Choose a CSV or XLSX file and try it: each row that is wrong is named, and what would be ' +
    'another one then. Nothing is changed by a try.',
  columns: 'Columns: sku, name_zh, price (3.50), weight_g; also name_en, gtin, picture, epc.',
  file: 'Spreadsheet',
  pictures: 'Pictures (may be left out)',
  picturesHow:
    'Choose pictures with it: each is named in the column “picture”, or is called as the article’s number ' +
    '(cola-can.jpg). Those that lie in an XLSX are taken for their rows. Large ones are ' +
    'made small first; an article without a new one keeps its own.',
  unreadPicture: (file) =>
    `“${file}” cannot be read as a picture. Save it as PNG, JPEG or WebP, and try again.`,
  filePictures: (taken, left) =>
    left === '0'
      ? `Pictures in the spreadsheet: ${taken}, all taken.`
      : `Pictures in the spreadsheet: ${taken} taken, ${left} not:`,
  noFilePictures: 'The pictures in the spreadsheet cannot be read; choose them beside it.',
  pictureAt: (row) => `row ${row}: `,
  leftPictures: {
    no_row: 'it lies over no row of goods; put it into the row of its article',
    second: 'this row has a picture already; leave one',
    no_picture: 'no PNG, JPEG or WebP that is in the file',
    too_small: 'too small to see anything: less than 48 pixels',
    too_large: 'more than 50 million pixels',
    too_many: 'more pictures than there may be; the rest was not looked at',
    unread: 'your browser cannot draw it',
  },
  version: 'What the new one is called',
  look: 'Try it',
  reading: 'Reading…',
  noFile: 'Please choose a file first.',
  large: 'The file is too large: 8 MB at most.',
  badVersion: 'A name has letters, digits, dots, hyphens and underscores, up to 64.',
  unreadable: 'This file cannot be read. Nothing was changed.',
  unreadableWhy:
    'It has to be CSV or XLSX, at most 8 MB, 50,000 rows, 40 columns, 500 letters in a cell; no ' +
    'picture or PDF, whatever its name. Save it as “CSV UTF-8” in your spreadsheet program, and try ' +
    'again.',
  inEnglish: (text) => `What the program says: ${text}`,
  wrong: (count) => `Wrong places: ${count}, so no catalogue was made. Mend the spreadsheet and try again:`,
  careful: 'Look at this before you use it:',
  andMore: (count) => `and ${count} more`,
  at: (row, column) => `row ${row}, ${column}: `,
  ofColumn: (column) => `column “${column}”: `,
  columnNames: {
    sku: 'number',
    name_zh: 'name',
    zh: 'name',
    name_en: 'English name',
    en: 'English name',
    price: 'price',
    weight: 'weight',
    weight_g: 'weight',
    gtin: 'barcode',
    picture: 'picture',
    epc: 'tag',
  },
  problems: {
    column_twice: () => 'this column stands twice; leave one of them',
    column_missing: (names) => `this column is missing; call it one of: ${names}`,
    formula: () => 'is a formula; put its value there',
    unseen: () => 'has letters in it that nobody sees; type it anew',
    as_formula: (text) => `“${text}” begins as a formula does (=, +, -, @); begin with a letter or digit`,
    twice: (row) => `stands in row ${row} already; leave it in one row`,
    no_epc: (text) =>
      `“${text}” is no number of a tag; hexadecimal, and four divides the count of its digits`,
    in_pieces: (text) =>
      `“${text}” has blanks in it, so it would be several tags; write each number in one piece`,
    pc_word: (epc) => `begins with the tag’s PC word; write ${epc}`,
    no_article: (sku) => `no article is called “${sku}”; add a row with its name and price`,
    too_many: (most) => `too many articles: a cabinet knows ${most} at most`,
    bad_sku: (text) => `“${text}” is no number of an article; letters, digits, - and _, up to 32`,
    bad_name: () => 'no name, or one that is too long; 1 to 60 letters',
    bad_price: (text) => `“${text}” is no price; in whole units with up to two decimals: 3.50`,
    bad_weight: (text) => `“${text}” is no weight; whole grams, 1 to 50000`,
    bad_gtin: (text) =>
      `“${text}” is no barcode; 8, 12, 13 or 14 digits, the last is its check. Format the column as text`,
    bad_picture: (text) =>
      `“${text}” is no name of a picture; lower-case letters, digits and hyphens: cola-can`,
    refused: (text) => `the service does not take this catalogue: ${text}`,
    other_unit: (change) => `${change}: a hundred times another. Is it in yuan, and not in fen?`,
  },
  fine: (version, articles) => `Nothing is wrong: catalogue ${version}, articles: ${articles}.`,
  added: 'New',
  gone: 'Sold no more',
  prices: 'Other prices',
  tags: (before, after) => `Tags: ${before} before, ${after} then`,
  same: 'No article is new or gone, and the prices are the same.',
  take: 'It is not in force yet. You are asked again before; once there are cabinets, two people have to agree.',
  putInForce: 'Put it in force',
  nameTaken: 'Another catalogue was called so. Please give this one another name and try it again.',
  inForce: (version) => `Catalogue ${version} is in force`,
  earlier: 'Other catalogues',
  earlierLead: 'Made and not put in force, or in force before.',
  neverUsed: 'never in force',
  wasUsed: 'was in force',
  madeBy: (name, time) => `made by ${name}, ${time}`,
  fromFile: (time) => `of the file on the server, ${time}`,
  again: 'Put in force',
  download: 'Download catalog.json',
};
