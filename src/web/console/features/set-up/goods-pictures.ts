import { lineCountMax } from '../../../../shared/model/basket.ts';
import { pictureMaxBytes } from '../../../../shared/model/goods-picture.ts';
import { shrunkPhoto } from '../../../ui/photo.ts';
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
