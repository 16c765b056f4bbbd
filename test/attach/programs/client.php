<?php // As client.py, for PHP's curl extension: client.php PORT PLAN. Through the HTTPS proxy at PROXY where that is set: TLS in TLS.
[, $port, $file] = $argv;
$handle = curl_init();
$send = function ($method, $path, $size) use ($handle, $port) {
    curl_reset($handle);
    curl_setopt_array($handle, [CURLOPT_URL => "https://127.0.0.1:$port$path", CURLOPT_CUSTOMREQUEST => $method, CURLOPT_SSL_VERIFYPEER => false,
        CURLOPT_SSL_VERIFYHOST => 0, CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1]);
    if (getenv('PROXY')) curl_setopt_array($handle, [CURLOPT_PROXY => getenv('PROXY'), CURLOPT_PROXY_SSL_VERIFYPEER => false, CURLOPT_PROXY_SSL_VERIFYHOST => 0]);
    if ($size > 0) curl_setopt($handle, CURLOPT_POSTFIELDS, substr(str_repeat('0123456789abcdef', intdiv($size, 16) + 1), 0, $size));
    curl_exec($handle);
};
$send('GET', '/warm', 0);
echo json_encode(['ready' => getmypid()]), "\n";
fgets(STDIN);
foreach (json_decode(file_get_contents($file)) as [$method, $path, $size]) $send($method, $path, $size);
echo "done\n";
fgets(STDIN);
