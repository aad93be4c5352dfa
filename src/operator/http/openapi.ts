import { z } from 'zod';
import { answerHeader } from '../../shared/api/answer-signing.ts';
import { apiErrorSchema, apiReplyMaxBytes } from '../../shared/api/operator.ts';
import type { RouteDefinition } from '../../shared/api/routes.ts';
import { apiRoutes } from '../../shared/api/routes.ts';
import {
  apiVersion,
  apiVersionHeader,
  bodyDigestHeader,
  clockSkewMaxMs,
  signatureHeaders,
} from '../../shared/api/signing.ts';

/** A schema as it is on the wire, without what belongs to a whole document. */
function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const json: Record<string, unknown> = { ...z.toJSONSchema(schema, { io: 'input' }) };
  delete json['$schema'];
  return json;
}
const content = (schema: z.ZodType) => ({ 'application/json': { schema: schemaOf(schema) } });

function operationOf(name: string, route: RouteDefinition): Record<string, unknown> {
  const params = schemaOf(route.params)['properties'] as Record<string, unknown>;
  const { request, reply } = route;
  return {
    operationId: name,
    summary: route.summary,
    security: route.auth === 'cabinet' ? [{ cabinet: [] }] : [],
    parameters: Object.entries(params).map(([id, schema]) => ({
      name: id,
      in: 'path',
      required: true,
      schema,
    })),
    ...(request === null ? {} : { requestBody: { required: true, content: content(request) } }),
    responses: {
      ...(reply === null
        ? { '204': { description: 'done' } }
        : { '200': { description: 'done', content: content(reply) } }),
      default: { $ref: '#/components/responses/refused' },
    },
    'x-auth': route.auth,
    'x-timeout-ms': route.timeoutMs,
    'x-body-max-bytes': route.bodyMaxBytes,
  };
}

function description(): string {
  const { cabinet, timestamp, nonce, signature } = signatureHeaders;
  return [
    'What a cabinet asks its operator for. Every request but enrolment is signed with the cabinet’s Ed25519 key.',
    `Signed are six lines, each ended by a line feed: method, path, cabinet id (header ${cabinet}), Unix time in ms`,
    `(${timestamp}), 16 random bytes in base64url (${nonce}), lower-case SHA-256 of the body (${bodyDigestHeader}).`,
    `The signature is in ${signature}, base64url. A time more than ${clockSkewMaxMs} ms off is refused, and a nonce`,
    `that was seen. ${apiVersionHeader}: ${apiVersion} says which version of the replies the cabinet can read.`,
    `Replies to whoever has proven who they are, and 401, are signed in ${answerHeader}, with the headers if asked for`,
    '(docs/decisions/0087-answers-are-signed.md).',
    `No reply is longer than ${apiReplyMaxBytes} bytes. 429, 408 and 5xx mean: later, the same again.`,
  ].join(' ');
}

/** The API for cabinets as OpenAPI 3.1, from its route table: what is served as `/openapi.json`, and docs/openapi.json. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries<RouteDefinition>(apiRoutes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Kaimen operator', version: String(apiVersion), description: description() },
    paths,
    components: {
      responses: { refused: { description: 'not done', content: content(apiErrorSchema) } },
      securitySchemes: {
        cabinet: { type: 'apiKey', in: 'header', name: signatureHeaders.signature, description: 'see above' },
      },
    },
  };
}
