import type { Codec } from '../../runtime/codec.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { SalesforceSandbox } from '../../sandbox/salesforce/start.ts'
import type { Connections } from '../connections.ts'
import type { SandboxPages } from '../destinations.ts'

/** What a service of this process that speaks with vendors is opened with. */
export interface ServiceParts extends Pick<Connections, 'kafka' | 'logger'> {
  readonly codec: Codec
  readonly metrics: Metrics
  /** Where emulated vendors of this process are. */
  readonly sandboxes: {
    readonly pages: SandboxPages
    readonly salesforce?: Pick<SalesforceSandbox, 'pubSubUrl'> | undefined
  }
}
