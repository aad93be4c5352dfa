import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Failure } from './failure.ts';

/** The trade bills of the test server: a signed answer names a file, which is sent to whoever asks for it, signed by nobody. */
export class Bills {
  /** Texts by day; a day without one has no bill. */
  readonly texts = new Map<string, string>();
  /** A day whose bill is being made. */
  creating: string | null = null;
  /** What is sent instead of the file that was named. */
  file: Buffer | null = null;

  /** What `GET /v3/bill/tradebill` answers. */
  name(search: URLSearchParams, base: string): Record<string, unknown> {
    const day = search.get('bill_date') ?? '';
    if (search.get('bill_type') !== 'ALL' || search.get('tar_type') !== 'GZIP')
      throw new Failure('PARAM_ERROR', '参数错误');
    if (day === this.creating) throw new Failure('STATEMENT_CREATING', '账单生成中');
    const text = this.texts.get(day);
    if (text === undefined) throw new Failure('NO_STATEMENT_EXIST', '账单文件不存在');
    return {
      hash_type: 'SHA1',
      hash_value: createHash('sha1').update(text).digest('hex'),
      download_url: `${base}/v3/billdownload/file?token=${day}`,
    };
  }

  /** Sends the file. */
  send(search: URLSearchParams, response: ServerResponse): void {
    const text = this.texts.get(search.get('token') ?? '');
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
    response.end(this.file ?? gzipSync(text ?? ''));
  }
}
