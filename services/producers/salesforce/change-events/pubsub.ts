import grpc, { type ClientDuplexStream } from '@grpc/grpc-js'
import type { Session } from '../../../sinks/salesforce/api/session.ts'
import { failureOf, PubSubFailure } from './problems.ts'
import { credentialHeaders, type FetchRequest, type FetchResponse, methods, type TopicInfo } from './protocol.ts'

/** Events of one channel as they come. */
export interface EventStream {
  /** Until the stream ends. Throws `PubSubFailure`, also when it was closed here. */
  responses(): AsyncIterable<FetchResponse>
  request(fetch: FetchRequest): void
  close(): void
}

/** Salesforce's Pub/Sub API. Every method throws `PubSubFailure`, and no failure is thrown past it. */
export interface PubSub {
  topic(name: string, session: Session, signal: AbortSignal): Promise<TopicInfo>
  /** An Avro schema, as JSON. */
  schema(id: string, session: Session, signal: AbortSignal): Promise<string>
  subscribe(session: Session): EventStream
  close(): void
}

/** A call that is not answered is one that failed. */
const answerWithinMs = 30_000

/** @param endpoint `https://host:port`; `http://` speaks without TLS, with the emulated one */
export const connectPubSub = (endpoint: string): PubSub => {
  const client = clientOf(new URL(endpoint))
  const unary = <Request, Response>(
    method: { readonly path: string } & grpc.MethodDefinition<Request, Response>,
    request: Request,
    session: Session,
    signal: AbortSignal,
  ): Promise<Response> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new PubSubFailure('cut', 'CANCELLED'))
      const call = client.makeUnaryRequest(
        ...([method.path, method.requestSerialize, method.responseDeserialize, request] as const),
        headersOf(session),
        { deadline: Date.now() + answerWithinMs },
        (error, response) => {
          signal.removeEventListener('abort', cancel)
          if (error) reject(failureOf(error))
          else if (response === undefined) reject(new PubSubFailure('cut', 'INTERNAL'))
          else resolve(response)
        },
      )
      const cancel = (): void => call.cancel()
      signal.addEventListener('abort', cancel, { once: true })
    })
  return {
    topic: (topicName, session, signal) => unary(methods.topic, { topicName }, session, signal),
    schema: async (schemaId, session, signal) =>
      (await unary(methods.schema, { schemaId }, session, signal)).schemaJson,
    subscribe: session => {
      const { path, requestSerialize, responseDeserialize } = methods.subscribe
      return streamOf(client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, headersOf(session)))
    },
    close: () => client.close(),
  }
}

const clientOf = ({ protocol, host, port, hostname }: URL): grpc.Client => {
  const isSecure = protocol === 'https:'
  const address = port === '' ? `${hostname}:${isSecure ? 443 : 80}` : host
  const credentials = isSecure ? grpc.credentials.createSsl() : grpc.credentials.createInsecure()
  // The proxy that the environment names is one to the internet.
  return new grpc.Client(address, credentials, { 'grpc.enable_http_proxy': isSecure ? 1 : 0 })
}

const headersOf = ({ accessToken, instanceUrl, organizationId }: Session): grpc.Metadata => {
  const headers = new grpc.Metadata()
  headers.set(credentialHeaders.token, accessToken)
  headers.set(credentialHeaders.instance, instanceUrl)
  headers.set(credentialHeaders.organization, organizationId ?? '')
  return headers
}

const streamOf = (call: ClientDuplexStream<FetchRequest, FetchResponse>): EventStream => {
  // An error that comes when nobody reads any more would end the process.
  call.on('error', () => {})
  return {
    responses: async function* () {
      try {
        for await (const response of call) yield response as FetchResponse
      } catch (error) {
        throw failureOf(error)
      } finally {
        call.cancel()
      }
    },
    request: fetch => {
      if (call.writable) call.write(fetch)
    },
    close: () => call.cancel(),
  }
}
