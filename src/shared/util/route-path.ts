import { assert } from '../assert.ts';

/** The path of a route with its parameters (`:name`) filled in. */
export function pathOf(
  { path }: { readonly path: string },
  params: Readonly<Record<string, string>> = {},
): string {
  return path.replace(/:(\w+)/g, (_whole, name: string) => {
    const value = params[name];
    assert(value !== undefined, `the path needs a ${name}`);
    return encodeURIComponent(value);
  });
}

/** The same; parameters that are not in the path go into the query. */
export function pathAndQueryOf(
  route: { readonly path: string },
  params: Readonly<Record<string, string>>,
): string {
  const query = Object.entries(params).filter(([key]) => !route.path.includes(`:${key}`));
  const text = query.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  return `${pathOf(route, params)}${text && `?${text}`}`;
}
