import type { LeftPicture } from '../../../../shared/console/goods.schema.ts';
import { lineCountMax } from '../../../../shared/model/basket.ts';
import { pictureMaxBytes } from '../../../../shared/model/goods-picture.ts';
import { blobOf, shrunkPhoto } from '../../../ui/photo.ts';
import type { ConsoleClient, Failed } from '../../base/client.ts';

/** Twice as fine as the largest that the cabinet's screen shows of an article. */
const bound = { side: 640, maxLength: Math.floor((pictureMaxBytes * 4) / 3) } as const;

/** A file that the browser cannot read as a picture. */
export interface UnreadPicture {
  readonly unread: string;
}
export function isUnread(failed: unknown): failed is UnreadPicture {
  return typeof failed === 'object' && failed !== null && 'unread' in failed;
}

type Sent = { readonly file: string; readonly name: string };

/** Sends pictures one after the other, made small first; each is then called by the name that the operator gives it. */
export async function sendPictures(
  client: ConsoleClient,
  files: readonly File[],
): Promise<{ readonly pictures: Sent[] } | { readonly failed: Failed | UnreadPicture }> {
  const pictures: Sent[] = [];
  for (const file of files.slice(0, lineCountMax)) {
    const small = await shrunkPhoto(file, bound);
    if (small === null) return { failed: { unread: file.name } };
    const answer = await client.ask('addPicture', { data: small.slice(small.indexOf(',') + 1) });
    if (!answer.ok) return { failed: answer.error };
    pictures.push({ file: file.name, name: answer.value.name });
  }
  return { pictures };
}

/** What has become of the pictures that stood in the spreadsheet. */
export interface FilePictures {
  readonly rowPictures: readonly { readonly row: number; readonly name: string }[];
  readonly left: readonly (Omit<LeftPicture, 'why'> & { readonly why: LeftPicture['why'] | 'unread' })[];
  readonly unreadable: string | null;
}

/** As an XLSX begins, in base64. */
const zipBegins = 'UEsDB';

/**
 * Makes small and sends the pictures that the operator finds in a spreadsheet, each once. The operator draws none: what the browser
 * cannot draw either is named by its rows, and the others are sent all the same.
 */
export async function takeFilePictures(
  client: ConsoleClient,
  file: string,
): Promise<FilePictures | { readonly failed: Failed }> {
  if (!file.startsWith(zipBegins)) return { rowPictures: [], left: [], unreadable: null };
  const found = await client.ask('goodsFilePictures', { file });
  if (!found.ok) return { failed: found.error };
  const { pictures, rows, left, unreadable } = found.value;
  const names = new Map<number, string>();
  for (const [number, { data, type }] of pictures.entries()) {
    const small = await shrunkPhoto(blobOf(`data:${type};base64,${data}`), bound);
    if (small === null) continue;
    const answer = await client.ask('addPicture', { data: small.slice(small.indexOf(',') + 1) });
    if (!answer.ok) return { failed: answer.error };
    names.set(number, answer.value.name);
  }
  const rowPictures = rows.flatMap(({ row, picture }) => {
    const name = names.get(picture);
    return name === undefined ? [] : [{ row, name }];
  });
  const unread = rows.filter(({ picture }) => !names.has(picture));
  const all = [...left, ...unread.map(({ row }) => ({ row, why: 'unread' as const }))];
  return { rowPictures, left: all.sort((a, b) => (a.row ?? Infinity) - (b.row ?? Infinity)), unreadable };
}
