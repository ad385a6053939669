import assert from 'node:assert/strict'
import { type Config, loadConfig } from '../../services/runtime/config/config.ts'
import { TributaryError } from '../../services/runtime/errors.ts'

export type Variables = Record<string, string | undefined>

export const noFiles = (path: string): string => {
  throw Object.assign(new Error(`no such file ${path}`), { code: 'ENOENT' })
}

export const load = (variables: Variables, files: Record<string, string> = {}): Config =>
  loadConfig(variables, path => files[path] ?? noFiles(path))

/** The sentences of the one error that loading throws. */
export const mistakesOf = (variables: Variables, files: Record<string, string> = {}): string[] => {
  try {
    load(variables, files)
  } catch (error) {
    assert.ok(error instanceof TributaryError, String(error))
    assert.equal(error.code, 'CONFIG_INVALID')
    return error.message.split('\n- ').slice(1)
  }
  return []
}

export const erasure = { ERASURE_SECRET: 'an-erasure-key-of-ours' }
export const ownPlatform = { ...erasure, KAFKA_BROKERS: 'kafka:9092', SCHEMA_REGISTRY_URL: 'http://registry:8081' }
export const realZoom = { ...erasure, ZOOM_WEBHOOK_SECRET: 'a-real-token' }
