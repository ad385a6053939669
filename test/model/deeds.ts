import type { IdentityClaim, Webinar } from '../../schemas/generated.ts'
import type { MemoryFault, MemoryRequestKind } from '../../services/delivery/memory-wire.ts'
import type { Name } from './happenings.ts'

export const processes = ['resolver', 'consumers', 'sinks'] as const
export type Process = (typeof processes)[number]
export const replayable = ['webinar-registrations', 'webinar-attendance', 'webinar-contact'] as const

/** What is done to the system. */
export type Deed =
  | { readonly do: 'tell'; readonly events: readonly Webinar[] }
  | { readonly do: 'claim'; readonly claim: IdentityClaim }
  /** By an operator, of whoever is behind the alias. */
  | { readonly do: 'erase'; readonly alias: string; readonly at: number }
  /** Before or after every service has taken the erasure in. */
  | { readonly do: 'lift'; readonly name: Name; readonly at: number; readonly isSudden: boolean }
  | { readonly do: 'kill' | 'stop' | 'start'; readonly process: Process }
  | {
      readonly do: 'fail'
      readonly vendor: 'hubspot' | 'salesforce'
      readonly fault: MemoryFault
      readonly request: MemoryRequestKind
    }
  | { readonly do: 'lose-commit'; readonly group: string; readonly how: 'aborted' | 'unanswered' }
  | { readonly do: 'merge-contacts'; readonly from: string; readonly into: string }
  | { readonly do: 'delete-contact'; readonly address: string }
  | { readonly do: 'replay'; readonly consumer: string }
  | { readonly do: 'wait' | 'settle' }

/** One line of a history. */
export interface Step {
  readonly say: string
  readonly deed: Deed
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly turns: number
}
