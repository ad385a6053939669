import { BlockList, isIP, type Socket } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether nobody but programs of this machine can mean or reach it. @param host a name or an IP address, as in a setting, a URL or a socket */
export const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  const version = isIP(bare)
  if (version === 0) return /^(.+\.)?localhost$/i.test(bare)
  return loopback.check(bare, version === 6 ? 'ipv6' : 'ipv4')
}

/**
 * Whether a program of this machine asks, and not a web page that has made its own name point here: such a page asks for that name.
 * @param host the Host header of the request
 */
export const isFromHere = (
  { remoteAddress = '', localAddress }: Pick<Socket, 'remoteAddress' | 'localAddress'>,
  host: string | undefined,
): boolean => {
  if (!isLoopback(remoteAddress) && remoteAddress !== localAddress) return false
  const name = hostnameOf(host) ?? ''
  return isLoopback(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
}

/** The host without its port, as URLs write it; undefined when there is none. @param host the Host header of a request */
export const hostnameOf = (host: string | undefined): string | undefined => {
  const url = URL.parse(`http://${host}`)
  return host === undefined || url?.hostname === '' ? undefined : url?.hostname
}

const everyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::', '::0'])

/** Where programs of this machine find a server that listens on the host. No slash at its end. */
export const originFor = (host: string, port: number): string => {
  if (everyAddress.has(host)) return `http://127.0.0.1:${port}`
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}
