# As client.py, for Ruby's net/http: client.rb PORT PLAN
require 'json'
require 'net/http'
require 'openssl'
$stdout.sync = true
port, file = ARGV
Net::HTTP.start('127.0.0.1', port.to_i, use_ssl: true, verify_mode: OpenSSL::SSL::VERIFY_NONE, read_timeout: 60) do |http|
  send = lambda do |method, path, size|
    request = Net::HTTPGenericRequest.new(method, size.positive?, true, path, 'accept-encoding' => 'identity')
    request.body = ('0123456789abcdef' * (size / 16 + 1))[0, size] if size.positive?
    http.request(request)
  end
  send.call('GET', '/warm', 0)
  puts({ ready: Process.pid }.to_json)
  $stdin.gets
  JSON.parse(File.read(file)).each { |method, path, size| send.call(method, path, size) }
  puts 'done'
  $stdin.gets
end
