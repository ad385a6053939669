import { fileURLToPath } from 'node:url'
import grpc, { type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** What is known of a channel. */
export interface TopicInfo {
  readonly topicName: string
  readonly canSubscribe: boolean
  readonly schemaId: string
}

/** Where a subscription begins: at what comes next, at the oldest that is kept (three days), or after `replayId`. */
export type ReplayPreset = 'LATEST' | 'EARLIEST' | 'CUSTOM'

/** Asks for further events. Channel and beginning count in the first request of a stream only. */
export interface FetchRequest {
  readonly topicName: string
  readonly replayPreset?: ReplayPreset
  readonly replayId?: Buffer
  /** At most 100 may be awaited at a time. */
  readonly numRequested: number
}

export interface ConsumerEvent {
  readonly event: { readonly id: string; readonly schemaId: string; readonly payload: Buffer } | null
  readonly replayId: Buffer
}

/** Events; none when there were none for some minutes. */
export interface FetchResponse {
  readonly events: readonly ConsumerEvent[]
  readonly latestReplayId: Buffer
  readonly pendingNumRequested: number
}

export interface SchemaInfo {
  readonly schemaJson: string
  readonly schemaId: string
}

/** Salesforce's own definition, CC0: https://github.com/forcedotcom/pub-sub-api. Neither side of it is generated. */
const file = fileURLToPath(new URL('pubsub_api.proto', import.meta.url))
const loaded = loadSync(file, { enums: String, longs: Number, defaults: true, arrays: true })

/** The service as grpc-js takes it, on either side. */
export const pubSubService = (() => {
  const { service } = grpc.makeGenericClientConstructor(loaded['eventbus.v1.PubSub'] as ServiceDefinition, 'PubSub')
  return service
})()

const method = <Request, Response>(name: string): MethodDefinition<Request, Response> => {
  const found = pubSubService[name]
  if (!found) throw new RangeError(`The protocol has no method ${name}`)
  return found as MethodDefinition<Request, Response>
}

/** The methods that are used here. */
export const methods = {
  topic: method<{ readonly topicName: string }, TopicInfo>('GetTopic'),
  schema: method<{ readonly schemaId: string }, SchemaInfo>('GetSchema'),
  subscribe: method<FetchRequest, FetchResponse>('Subscribe'),
}

/** Headers of every call, which say whose it is. */
export const credentialHeaders = { token: 'accesstoken', instance: 'instanceurl', organization: 'tenantid' } as const

/** The trailer that holds what Salesforce calls an error. https://developer.salesforce.com/docs/platform/pub-sub-api/guide/handling-errors.html */
export const errorCodeTrailer = 'error-code'

/** The errors that are told apart. A replay id of more than three days ago is one that is refused. */
export const errorCodes = {
  credentials: 'sfdc.platform.eventbus.grpc.service.auth.error',
  replayIdCorrupted: 'sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted',
  replayIdInvalid: 'sfdc.platform.eventbus.grpc.subscription.fetch.replayid.validation.failed',
} as const

/** Of one stream; Salesforce refuses to owe more. */
export const mostRequested = 100
