/** POST of JSON text; answers the parsed reply, null when it is empty. Rejects with status and text when it is not 2xx. */
export async function postJson(url: string, body: string | undefined): Promise<unknown> {
  const request = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body };
  return read(url, await fetch(url, { method: 'POST', ...request }));
}

export async function getJson(url: string): Promise<unknown> {
  return read(url, await fetch(url));
}

async function read(url: string, answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text.slice(0, 200)}`);
  return text === '' ? null : JSON.parse(text);
}
