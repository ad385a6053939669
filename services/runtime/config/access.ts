import { isLoopback } from '../access/addresses.ts'
import { type Emulation, sandboxCredential } from './emulation.ts'
import type { Mistakes } from './mistakes.ts'
import type { SettingValues } from './settings.ts'

/** Where the servers listen, and what they ask for before they answer. */
export interface Listening {
  /** Every webhook is signed by its vendor, and every request of a Segment SDK has its write key, so it needs no token. */
  readonly ingest: { readonly host: string; readonly port: number; readonly publicUrl: string | null }
  readonly console: { readonly host: string; readonly port: number; readonly token: string | null }
  readonly sandbox: { readonly host: string; readonly portBase: number; readonly token: string | null }
}

/** What listens for other machines must ask for a token, and not for one that everybody knows once anything of a vendor is real. */
export const listening = (values: SettingValues, { vendors }: Emulation, mistakes: Mistakes): Listening => {
  const modes = Object.values(vendors)
  const real = modes.includes('real')
  const token = (name: 'CONSOLE' | 'SANDBOX'): string | null => {
    const [setting, host] = [`${name}_TOKEN`, `${name}_HOST`] as const
    const given = values[setting]
    if (real && given === sandboxCredential)
      mistakes.add(
        `${setting} must be a secret of your own once a vendor is real, but it is a default that everybody knows. Make one with \`openssl rand -hex 32\`.`,
      )
    if (given === undefined && !isLoopback(values[host]))
      mistakes.add(
        `${setting} must be set because ${host} is ${values[host]}: whoever reaches it would be answered. Make one with \`openssl rand -hex 32\`, or unset ${host}.`,
      )
    return given ?? null
  }
  return {
    ingest: { host: values.INGEST_HOST, port: values.INGEST_PORT, publicUrl: values.INGEST_PUBLIC_URL ?? null },
    console: { host: values.CONSOLE_HOST, port: values.CONSOLE_PORT, token: token('CONSOLE') },
    sandbox: {
      host: values.SANDBOX_HOST,
      portBase: values.SANDBOX_PORT_BASE,
      token: modes.includes('sandbox') ? token('SANDBOX') : null,
    },
  }
}
