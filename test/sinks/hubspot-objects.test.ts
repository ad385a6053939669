import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contactProperties } from '../../services/sinks/hubspot/contact-properties.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'

/** interfaces.md, "Names in the CRMs". */
const publicNames = {
  zoom_webinar_registration_count: 'number',
  zoom_webinar_attendance_count: 'number',
  zoom_webinar_attendance_average_duration: 'number',
  zoom_webinar_last_registered: 'string',
  zoom_webinar_joinlink: 'string',
  zoom_webinar_last_attended: 'string',
  zoom_webinar_last_status: 'enumeration',
  zoom_webinar_last_joined_at: 'datetime',
  zoom_webinar_last_left_at: 'datetime',
  zoom_webinar_last_attended_minutes: 'number',
  tributary_source: 'string',
}

describe('the HubSpot contact', () => {
  it('has every public property in its type', () => {
    const types = Object.fromEntries(Object.entries(contactProperties).map(([name, { type }]) => [name, type]))
    assert.deepEqual({ ...types, ...publicNames }, types)
  })

  it('has names and texts that HubSpot takes', () => {
    for (const [name, { label, description }] of Object.entries(contactProperties)) {
      assert.match(name, /^[a-z][a-z0-9_]*$/)
      assert.ok(label.length > 0 && description.length > 0, name)
    }
  })

  it('a write names its target, and fields that do not exist or have another type do not compile', () => {
    const write = hubspotContact.set({
      zoom_webinar_attendance_count: 1,
      lastname: 'Lovelace',
      zoom_webinar_last_left_at: null,
    })
    assert.equal(write.target, 'hubspot:contact')
    assert.equal(write.operation, 'SET')
    // @ts-expect-error misspelt
    hubspotContact.set({ zoom_webinar_atendance_count: 1 })
    // @ts-expect-error a number, not its text
    hubspotContact.set({ zoom_webinar_attendance_count: '1' })
    // @ts-expect-error not one of the options
    hubspotContact.set({ zoom_webinar_last_status: 'cancelled' })
  })
})
