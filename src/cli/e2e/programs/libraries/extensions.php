<?php
// PHP with extensions that are libraries of their own: numbers of a language, a picture, and a request that is refused.
echo 'PHP ', PHP_MAJOR_VERSION, "\n";
echo (new NumberFormatter('de_DE', NumberFormatter::DECIMAL))->format(1234.5), "\n";
ob_start();
imagepng(imagecreatetruecolor(10, 10));
echo substr(ob_get_clean(), 1, 3), "\n";
$request = curl_init('https://127.0.0.1:1/');
curl_setopt($request, CURLOPT_RETURNTRANSFER, true);
echo curl_exec($request) === false ? 'refused ' . curl_errno($request) : 'answered', "\n";
echo implode(' ', PDO::getAvailableDrivers()), "\n";
echo (new DateTime('2024-07-01', new DateTimeZone('Europe/Berlin')))->format('c'), "\n";
